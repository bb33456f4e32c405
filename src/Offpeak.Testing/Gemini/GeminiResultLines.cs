using System.Text.Json;
using System.Text.Json.Nodes;

namespace Offpeak.Testing.Gemini;

/// <summary>Results with their key at the top, as in files, or in the metadata of the request, as inline.</summary>
internal sealed class GeminiResultLines(bool isInline) : IResultLines
{
    public void WriteError(Utf8JsonWriter writer, string customId, string code, string? message = null) =>
        WriteError(writer, RpcCodes.Named(code, otherwise: 13), message ?? "The request failed.", end => WriteKey(end, customId));

    public void WriteRefusal(Utf8JsonWriter writer, string customId, int statusCode) =>
        WriteError(writer, RpcCodes.OfHttp(statusCode), "Internal error encountered.", end => WriteKey(end, customId));

    public void Rename(JsonNode line, string customId)
    {
        if (isInline)
            line["metadata"] = new JsonObject { ["key"] = customId };
        else
            line["key"] = customId;
    }

    /// <summary>The order of the two properties of a line changes on the wire too.</summary>
    public static void Write(Utf8JsonWriter writer, bool keyFirst, Action<Utf8JsonWriter> key, GeminiAnswer answer)
    {
        writer.WriteStartObject();
        if (keyFirst)
            key(writer);
        if (answer.StatusCode is >= 200 and < 300)
        {
            writer.WritePropertyName("response");
            answer.Write(writer);
        }
        else
            WriteStatus(writer, RpcCodes.OfHttp(answer.StatusCode), answer.Message);
        if (!keyFirst)
            key(writer);
        writer.WriteEndObject();
    }

    public static void WriteError(Utf8JsonWriter writer, int code, string message, Action<Utf8JsonWriter> key)
    {
        writer.WriteStartObject();
        WriteStatus(writer, code, message);
        key(writer);
        writer.WriteEndObject();
    }

    private static void WriteStatus(Utf8JsonWriter writer, int code, string message)
    {
        writer.WriteStartObject("error");
        writer.WriteNumber("code", code);
        writer.WriteString("message", message);
        writer.WriteEndObject();
    }

    private void WriteKey(Utf8JsonWriter writer, string key)
    {
        if (isInline)
            writer.WriteStartObject("metadata");
        writer.WriteString("key", key);
        if (isInline)
            writer.WriteEndObject();
    }
}
