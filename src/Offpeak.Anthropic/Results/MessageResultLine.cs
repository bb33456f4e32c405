using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.Anthropic.Results;

/// <summary>
/// One line of results (Anthropic API reference, Message Batches, Results), read in one forward pass. Of duplicate names the first counts.
/// </summary>
internal struct MessageResultLine : IKeyedLine
{
    public string? Key { readonly get; private set; }
    public string? Type;
    public int BodyStart;
    public int BodyLength;
    public MessageFields Message;
    public AnthropicErrorFields Error;

    public void ReadProperty(ref Utf8JsonReader reader)
    {
        if (Key is null && reader.IsNamed("custom_id"u8) && reader.Read())
        {
            Key = reader.TokenType == JsonTokenType.String ? reader.TextOrNull() : null;
            reader.SkipValue();
        }
        else if (Type is null && reader.IsNamed("result"u8) && reader.Read())
            ReadResult(ref reader);
        else
            reader.NextIgnored();
    }

    private void ReadResult(ref Utf8JsonReader reader)
    {
        Type = "";
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.SkipValue();
            return;
        }

        while (reader.NextProperty())
        {
            if (Type.Length == 0 && reader.IsNamed("type"u8))
                Type = reader.NextText() ?? "";
            else if (!Message.IsObject && reader.IsNamed("message"u8) && reader.Read())
                ReadMessage(ref reader);
            else if (!Error.Exists && reader.IsNamed("error"u8) && reader.Read())
                ReadError(ref reader);
            else
                reader.NextIgnored();
        }
    }

    private void ReadMessage(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        Message = MessageFields.Read(ref reader);
        if (Message.IsObject)
            (BodyStart, BodyLength) = (start, (int)reader.BytesConsumed - start);
    }

    private void ReadError(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        Error = AnthropicErrorFields.Read(ref reader);
        if (Error.Exists && BodyLength == 0)
            (BodyStart, BodyLength) = (start, (int)reader.BytesConsumed - start);
    }
}
