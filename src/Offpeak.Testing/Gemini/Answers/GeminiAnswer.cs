using System.Text.Json;

namespace Offpeak.Testing.Gemini;

/// <summary>An answer whose status and usage are known before its body is written.</summary>
internal sealed record GeminiAnswer(int StatusCode, TokenCounts Usage, string Message, Action<Utf8JsonWriter> Write)
{
    public static GeminiAnswer Refused(int statusCode, string message) => new(statusCode, default, message, _ => { });

    public static GeminiAnswer Raw(string body) => new(200, default, "", writer => writer.WriteRawValue(body));
}
