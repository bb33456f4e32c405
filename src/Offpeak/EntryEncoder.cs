using Offpeak.Batches;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak;

/// <summary>Checks new entries of one batch and turns them into rows.</summary>
internal sealed class EntryEncoder(Batch batch, IBatchProvider provider)
{
    private readonly ShardPlan limits = new(provider.Capabilities, ShardPlanner.WireIdBytes);

    public NewEntryRow Encode(NewEntry entry)
    {
        if (string.IsNullOrEmpty(entry.CustomId))
            throw new OffpeakException(OffpeakErrorCode.InvalidInput, "An entry needs a custom id that is not empty.");
        var model = entry.Model ?? batch.Model;
        var body = entry.Body ?? provider.Codec.Encode(model, new BatchEndpoint(batch.Endpoint), entry.Messages!, entry.Options);
        if (body.Span.IndexOf((byte)'\n') >= 0)
            throw new OffpeakException(OffpeakErrorCode.InvalidInput, $"The body of entry '{entry.CustomId}' must be JSON on one line.");
        if (limits.IsTooLarge(body.Length))
        {
            throw new OffpeakException(
                OffpeakErrorCode.InvalidInput,
                $"Entry '{entry.CustomId}' is {body.Length:N0} bytes; {provider.Name} takes at most {provider.Capabilities.MaxBytes:N0} in a batch.");
        }

        return new NewEntryRow(entry.CustomId, model, body);
    }
}
