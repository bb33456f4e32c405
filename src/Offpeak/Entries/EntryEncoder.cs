using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Extensions.AI;
using Offpeak.Models;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Entries;

/// <summary>Checks new entries of one batch and turns them into rows. Not for concurrent use.</summary>
internal sealed class EntryEncoder(BatchRow batch, IBatchProvider provider, IBatchProvider? fallback)
{
    private readonly ShardPlan limits = new(provider.Capabilities);
    private readonly HashSet<string> checkedSchemas = new(StringComparer.Ordinal);
    private long checkedBytes;

    public NewEntryRow Encode(NewEntry entry)
    {
        if (string.IsNullOrEmpty(entry.CustomId))
            throw Refuse("An entry needs a custom id that is not empty.");

        var model = entry.Model ?? batch.Model;
        var body = BodyOf(entry, model);
        Check(entry, body);
        CheckSchema(entry, body);
        return new NewEntryRow(entry.CustomId, model, body, FallbackBody(entry), SchemaOf(entry) is not null);
    }

    private ReadOnlyMemory<byte> BodyOf(NewEntry entry, string model)
    {
        if (entry.Body is { } body)
            return IsOneObject(body.Span) ? body : throw Refuse($"The body of entry '{entry.CustomId}' must be one JSON object in UTF-8.");

        if (entry.Text is not { } text)
            return provider.Codec.Encode(model, batch.Endpoint, entry.Messages!, entry.Options);

        return provider.EmbeddingCodec is { } codec
            ? codec.EncodeEmbedding(model, text)
            : throw Refuse($"Entry '{entry.CustomId}' is a text to be embedded, but {provider.Name} has no batches of embeddings.");
    }

    // One line that is none makes providers refuse the whole file.
    private static bool IsOneObject(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = int.MaxValue });
            if (!Utf8.IsValid(body) || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;

            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void Check(NewEntry entry, ReadOnlyMemory<byte> body)
    {
        if (body.Span.IndexOf((byte)'\n') >= 0)
            throw Refuse($"The body of entry '{entry.CustomId}' must be JSON on one line.");

        if (limits.IsTooLarge(body.Length))
            throw Refuse($"Entry '{entry.CustomId}' is {body.Length:N0} bytes; {provider.Name} takes at most {provider.Capabilities.MaxBytes:N0} in a batch.");
    }

    // What cannot be checked later is refused now, as the provider's own body says it: that is what answers are compared with.
    private void CheckSchema(NewEntry entry, ReadOnlyMemory<byte> body)
    {
        if (SchemaOf(entry) is not { } schema || !IsNew(schema))
            return;

        try
        {
            AnswerSchema.Compile(schema);
            if (provider.Codec.ReadSchema(batch.Endpoint, body) is { } sent)
                AnswerSchema.Compile(sent);
        }
        catch (OffpeakException error)
        {
            throw new OffpeakException(error.Code, $"The schema of entry '{entry.CustomId}' cannot be used: {error.Message}", error);
        }
    }

    // What is forgotten is checked again: entries may each have a schema of their own.
    private bool IsNew(string schema)
    {
        if (checkedSchemas.Contains(schema))
            return false;

        var bytes = (long)schema.Length * sizeof(char);
        if ((checkedBytes += bytes) > PageBytes.Most)
        {
            checkedSchemas.Clear();
            checkedBytes = bytes;
        }

        return checkedSchemas.Add(schema);
    }

    // Only what the caller has said in our words can be said in another provider's.
    private ReadOnlyMemory<byte>? FallbackBody(NewEntry entry)
    {
        if (fallback is null)
            return null;

        if (entry.Messages is null)
            throw Refuse($"Entry '{entry.CustomId}' is a body in {provider.Name}'s own format, which the fallback {fallback.Name} cannot be asked; give it as messages.");

        var options = entry.Options?.Clone();
        options?.ModelId = null;
        return fallback.Codec.Encode(ModelName.Split(batch.FallbackModel!).Model, batch.Endpoint, entry.Messages, options);
    }

    private static string? SchemaOf(NewEntry entry) =>
        entry.Options?.ResponseFormat is ChatResponseFormatJson { Schema: { } schema } ? schema.GetRawText() : null;

    private static OffpeakException Refuse(string message) => new(OffpeakErrorCode.InvalidInput, message);
}
