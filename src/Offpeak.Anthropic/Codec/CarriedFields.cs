using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Offpeak.Anthropic.Codec;

/// <summary>What the client put into a body, so that what it left out without a word can be told.</summary>
internal sealed class CarriedFields
{
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private int attachments;

    public CarriedFields(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 1_100 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            names.Add(name);
            reader.Read();
            if (name == "tools" && reader.TokenType == JsonTokenType.StartArray)
                Tools = CountItems(ref reader);
            else if (name == "output_config" && reader.TokenType == JsonTokenType.StartObject)
                ReadOutputConfig(ref reader);
            else if (name == "messages" && reader.TokenType == JsonTokenType.StartArray)
                ReadMessages(ref reader);
            else
                reader.Skip();
        }
    }

    public int Tools { get; private set; }

    public bool HasFormat { get; private set; }

    public bool HasEffort { get; private set; }

    public bool Has(string name) => names.Contains(name);

    /// <summary>The media type of a file, picture or link that is not in the body, or null.</summary>
    public string? FirstLostContent(IReadOnlyList<ChatMessage> messages)
    {
        var wanted = 0;
        string? last = null;
        foreach (var message in messages)
        {
            foreach (var content in message.Contents)
            {
                if (MediaTypeOf(content) is not { } type)
                    continue;
                wanted++;
                last = IsRefused(type) ? type : last ?? type;
            }
        }

        return wanted > attachments ? last : null;
    }

    private static string? MediaTypeOf(AIContent content) => content switch
    {
        DataContent data => data.MediaType,
        UriContent link => link.MediaType,
        HostedFileContent => "hosted file",
        _ => null,
    };

    private static bool IsRefused(string type) => !type.StartsWith("image/", StringComparison.Ordinal) && type != "application/pdf";

    private static int CountItems(ref Utf8JsonReader reader)
    {
        var items = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            reader.Skip();
            items++;
        }

        return items;
    }

    private void ReadOutputConfig(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            HasFormat |= reader.ValueTextEquals("format"u8);
            HasEffort |= reader.ValueTextEquals("effort"u8);
            reader.Read();
            reader.Skip();
        }
    }

    /// <summary>Every picture and document has a source, and so has nothing else at its depth: messages, content, block.</summary>
    private void ReadMessages(ref Utf8JsonReader reader)
    {
        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.CurrentDepth == depth + 4 && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("source"u8))
                attachments++;
        }
    }
}
