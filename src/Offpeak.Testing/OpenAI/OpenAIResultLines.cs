using System.Text.Json;
using Offpeak.Testing.Compatible;

namespace Offpeak.Testing.OpenAI;

/// <summary>Lines of output and error files (OpenAI API reference: the request output object).</summary>
internal sealed class OpenAIResultLines(bool tellsCancelled) : IResultLines
{
    public bool TellsCancelled => tellsCancelled;

    public static void WriteAnswer(Utf8JsonWriter writer, string customId, OpenAIAnswer answer) =>
        WriteResponse(writer, customId, answer.StatusCode, answer.Write);

    public void WriteError(Utf8JsonWriter writer, string customId, string code, string? message = null)
    {
        Begin(writer, customId);
        writer.WriteNull("response");
        writer.WriteStartObject("error");
        writer.WriteString("code", code);
        writer.WriteString("message", message ?? MessageOf(code));
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public void WriteRefusal(Utf8JsonWriter writer, string customId, int statusCode) =>
        WriteResponse(writer, customId, statusCode, body => OpenAIRefusals.Envelope(statusCode, "The server had an error.").WriteTo(body));

    private static void WriteResponse(Utf8JsonWriter writer, string customId, int statusCode, Action<Utf8JsonWriter> body)
    {
        Begin(writer, customId);
        writer.WriteStartObject("response");
        writer.WriteNumber("status_code", statusCode);
        writer.WriteString("request_id", Guid.NewGuid());
        writer.WritePropertyName("body");
        body(writer);
        writer.WriteEndObject();
        writer.WriteNull("error");
        writer.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter writer, string customId)
    {
        writer.WriteStartObject();
        writer.WriteString("id", $"batch_req_{Guid.NewGuid():N}");
        writer.WriteString("custom_id", customId);
    }

    private static string MessageOf(string code) => code switch
    {
        "batch_expired" => "This request could not be executed before the completion window expired.",
        "batch_cancelled" => "This request was cancelled with its batch.",
        _ => "The request failed.",
    };
}
