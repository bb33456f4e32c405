using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Kit.Json;

namespace Offpeak.Local;

/// <summary>A request as it is stored: messages and options in the words of Microsoft.Extensions.AI, and the tools, which its JSON leaves out.</summary>
internal sealed record LocalRequest(IList<ChatMessage> Messages, ChatOptions? Options, IReadOnlyList<LocalTool>? Tools)
{
    public static LocalRequest Of(IEnumerable<ChatMessage> messages, ChatOptions? options) =>
        new([.. messages], options, options?.Tools is { Count: > 0 } tools ? [.. tools.Select(LocalTool.Of)] : null);

    /// <exception cref="OffpeakException">The bytes are no request of this form.</exception>
    public static LocalRequest Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            if (LoadedJson.Read(body, From) is { } request)
                return request;
        }
        catch (JsonException)
        {
            // Said below.
        }

        throw new OffpeakException(OffpeakErrorCode.InvalidInput, "The request has another provider's form; give the entry as messages.");
    }

    public byte[] Write()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = LocalJson.Encoder }))
        {
            json.WriteStartObject();
            json.WriteStartArray("messages");
            foreach (var message in Messages)
                JsonSerializer.Serialize(json, message, LocalJson.Message);
            json.WriteEndArray();
            if (Options is not null)
            {
                json.WritePropertyName("options");
                JsonSerializer.Serialize(json, Options, LocalJson.Options);
            }

            WriteTools(json);
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    /// <summary>The options to call the client with.</summary>
    public ChatOptions ToOptions(string model)
    {
        var options = Options?.Clone() ?? new ChatOptions();
        options.ModelId = model;
        options.Tools = Tools is null ? null : [.. Tools.Select(tool => tool.ToDeclaration())];
        return options;
    }

    private static LocalRequest? From(JsonElement root)
    {
        if (root.Child("messages") is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() == 0)
            return null;
        var messages = list.EnumerateArray().Select(message => message.Deserialize(LocalJson.Message) ?? throw new JsonException()).ToList();
        var tools = root.Child("tools") is { ValueKind: JsonValueKind.Array } offered ? offered.EnumerateArray().Select(ToolOf).ToList() : null;
        return new LocalRequest(messages, root.Child("options")?.Deserialize(LocalJson.Options), tools);
    }

    private static LocalTool ToolOf(JsonElement tool) => new(
        tool.Text("name") ?? throw new JsonException(), tool.Text("description") ?? "", tool.Child("schema")?.Clone() ?? throw new JsonException());

    private void WriteTools(Utf8JsonWriter json)
    {
        if (Tools is null)
            return;
        json.WriteStartArray("tools");
        foreach (var tool in Tools)
        {
            json.WriteStartObject();
            json.WriteString("name", tool.Name);
            json.WriteString("description", tool.Description);
            json.WritePropertyName("schema");
            tool.Schema.WriteTo(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
