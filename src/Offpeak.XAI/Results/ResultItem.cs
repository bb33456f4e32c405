using System.Text.Json;
using Offpeak.Kit.Json;
using Offpeak.OpenAI.Results;

namespace Offpeak.XAI.Results;

/// <summary>One item of the results (xAI API reference, Batches, List results), read in one forward pass. Of duplicate names the first counts.</summary>
internal struct ResultItem : IKeyedLine
{
    public string? Key { readonly get; private set; }
    public bool HasError;
    public long? ErrorCode;
    public string? ErrorMessage;
    public OpenAIBody Body;

    public readonly bool HasBody => Body.Length > 0;

    public void ReadProperty(ref Utf8JsonReader reader)
    {
        if (Key is null && (reader.IsNamed("batch_request_id"u8) || reader.IsNamed("custom_id"u8)) && reader.Read())
        {
            Key = reader.TokenType == JsonTokenType.String ? reader.TextOrNull() : null;
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

            Body = OpenAIBody.Read(ref reader);
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
