using System.Text.Json;
using Offpeak.Kit.Json;
using Offpeak.OpenAI.Results;

namespace Offpeak.XAI.Results;

/// <summary>One item of the results (xAI API reference, Batches, List results), read in one forward pass. Of duplicate names the first counts.</summary>
internal struct ResultItem
{
    public string? RequestId;
    public bool HasError;
    public long? ErrorCode;
    public string? ErrorMessage;
    public int BodyStart;
    public int BodyLength;
    public BodyFields Fields;

    public readonly bool HasBody => BodyLength > 0;

    /// <summary>Reads an item; false if it is not one JSON object with a request id.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ResultItem item)
    {
        item = default;
        try
        {
            var reader = new Utf8JsonReader(bytes, JsonScan.Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.NextProperty())
                item.ReadProperty(ref reader);
            return !reader.Read() && !string.IsNullOrEmpty(item.RequestId);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void ReadProperty(ref Utf8JsonReader reader)
    {
        if (RequestId is null && (reader.IsNamed("batch_request_id"u8) || reader.IsNamed("custom_id"u8)) && reader.Read())
        {
            RequestId = reader.TokenType == JsonTokenType.String ? reader.TextOrNull() : null;
            reader.SkipValue();
        }
        else if (reader.IsNamed("batch_result"u8) && reader.Read())
            ReadResult(ref reader);
        else if (reader.IsNamed("error_message"u8) && reader.Read())
        {
            var message = reader.TextOrNull();
            reader.SkipValue();
            if (string.IsNullOrEmpty(message))
                return;
            HasError = true;
            ErrorMessage ??= message;
        }
        else if (reader.Read())
            reader.SkipValue();
    }

    private void ReadResult(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.SkipValue();
            return;
        }
        while (reader.NextProperty())
        {
            if (!HasBody && reader.IsNamed("response"u8) && reader.Read())
                ReadResponse(ref reader);
            else if (reader.IsNamed("error"u8) && reader.Read())
                ReadError(ref reader);
            else if (reader.Read())
                reader.SkipValue();
        }
    }

    /// <summary>The one value under <c>chat_get_completion</c>, <c>responses</c> or a name that we do not know.</summary>
    private void ReadResponse(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.SkipValue();
            return;
        }
        while (reader.NextProperty() && reader.Read())
        {
            if (HasBody || reader.TokenType != JsonTokenType.StartObject)
            {
                reader.SkipValue();
                continue;
            }
            BodyStart = (int)reader.TokenStartIndex;
            Fields = BodyFields.Read(ref reader);
            BodyLength = (int)reader.BytesConsumed - BodyStart;
        }
    }

    /// <summary>A status of code 0 is no error: it is what protocol buffers send for nothing.</summary>
    private void ReadError(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            HasError |= reader.TokenType == JsonTokenType.String;
            ErrorMessage ??= reader.TextOrNull();
            reader.SkipValue();
            return;
        }
        string? message = null;
        while (reader.NextProperty())
        {
            var isCode = reader.IsNamed("code"u8);
            var isMessage = reader.IsNamed("message"u8);
            reader.Read();
            ErrorCode = isCode ? reader.NumberOrNull() : ErrorCode;
            message = isMessage ? reader.TextOrNull() : message;
            reader.SkipValue();
        }
        HasError |= ErrorCode is not (null or 0) || (ErrorCode is null && !string.IsNullOrEmpty(message));
        ErrorMessage = string.IsNullOrEmpty(message) ? ErrorMessage : message;
    }
}
