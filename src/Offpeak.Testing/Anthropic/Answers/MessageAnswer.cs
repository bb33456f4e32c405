using System.Text.Json;

namespace Offpeak.Testing.Anthropic;

/// <summary>An answer whose status and usage are known before its body is written.</summary>
internal abstract class MessageAnswer(int statusCode, TokenCounts usage)
{
    /// <summary>HTTP status of the synchronous answer.</summary>
    public int StatusCode { get; } = statusCode;

    public bool IsError => StatusCode is < 200 or >= 300;

    public TokenCounts Usage { get; } = usage;

    /// <param name="writer">Takes the body.</param>
    /// <param name="serviceTier">What the answer says it was served as.</param>
    public abstract void Write(Utf8JsonWriter writer, string serviceTier);

    public static MessageAnswer Error(int statusCode, string message, string? type) =>
        new RawMessage(statusCode == 0 ? 500 : statusCode, AnthropicRefusals.Envelope(statusCode, message, type).ToJsonString());

    public static MessageAnswer Raw(string body) => new RawMessage(200, body);

    /// <summary>A body given word for word: an error envelope or a test's own choice.</summary>
    private sealed class RawMessage(int statusCode, string body) : MessageAnswer(statusCode, default)
    {
        public override void Write(Utf8JsonWriter writer, string serviceTier) => writer.WriteRawValue(body);
    }
}
