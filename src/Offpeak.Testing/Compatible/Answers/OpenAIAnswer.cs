using System.Text.Json;

namespace Offpeak.Testing.Compatible;

/// <summary>An answer whose status and usage are known before its body is written.</summary>
internal abstract class OpenAIAnswer(int statusCode, TokenCounts usage)
{
    public int StatusCode { get; } = statusCode;

    public TokenCounts Usage { get; } = usage;

    public abstract void Write(Utf8JsonWriter writer);
}

/// <summary>A body given word for word: an error envelope or a test's own choice.</summary>
internal sealed class RawAnswer(int statusCode, string body) : OpenAIAnswer(statusCode, default)
{
    public override void Write(Utf8JsonWriter writer) => writer.WriteRawValue(body);
}
