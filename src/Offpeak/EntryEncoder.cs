using Microsoft.Extensions.AI;
using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak;

/// <summary>Checks new entries of one batch and turns them into rows.</summary>
internal sealed class EntryEncoder(Batch batch, IBatchProvider provider, IBatchProvider? fallback)
{
    private readonly ShardPlan limits = new(provider.Capabilities, ShardPlanner.WireIdBytes);
    private readonly BatchEndpoint endpoint = new(batch.Endpoint);

    public NewEntryRow Encode(NewEntry entry)
    {
        if (string.IsNullOrEmpty(entry.CustomId))
            throw new OffpeakException(OffpeakErrorCode.InvalidInput, "An entry needs a custom id that is not empty.");
        var model = entry.Model ?? batch.Model;
        var body = entry.Body ?? provider.Codec.Encode(model, endpoint, entry.Messages!, entry.Options);
        Check(entry, body);
        return new NewEntryRow(entry.CustomId, model, body, FallbackBody(entry), HasSchema(entry));
    }

    private void Check(NewEntry entry, ReadOnlyMemory<byte> body)
    {
        if (body.Span.IndexOf((byte)'\n') >= 0)
            throw new OffpeakException(OffpeakErrorCode.InvalidInput, $"The body of entry '{entry.CustomId}' must be JSON on one line.");
        if (limits.IsTooLarge(body.Length))
        {
            throw new OffpeakException(
                OffpeakErrorCode.InvalidInput,
                $"Entry '{entry.CustomId}' is {body.Length:N0} bytes; {provider.Name} takes at most {provider.Capabilities.MaxBytes:N0} in a batch.");
        }
    }

    // Only what the caller has said in our words can be said in another provider's.
    private ReadOnlyMemory<byte>? FallbackBody(NewEntry entry)
    {
        if (fallback is null)
            return null;
        if (entry.Messages is null)
        {
            throw new OffpeakException(
                OffpeakErrorCode.InvalidInput,
                $"Entry '{entry.CustomId}' is a body in {provider.Name}'s own format, which the fallback {fallback.Name} cannot be asked; give it as messages.");
        }

        var model = ModelName.Split(batch.FallbackModel!).Model;
        var options = entry.Options?.Clone();
        options?.ModelId = null;
        return fallback.Codec.Encode(model, endpoint, entry.Messages, options);
    }

    private static bool HasSchema(NewEntry entry) => entry.Options?.ResponseFormat is ChatResponseFormatJson { Schema: not null };
}
