using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Models;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>Checks what a new batch is to be, before anything is stored or sent.</summary>
internal sealed class MakeBatch(FlowContext flow, ModelTable models)
{
    /// <exception cref="OffpeakException">The model, provider, endpoint or a setting does not fit.</exception>
    public BatchRow Run(NewBatch description)
    {
        var (name, model) = ModelName.Split(description.Model);
        var provider = flow.Providers.Get(name);
        CheckEndpoint(provider, model, description.Endpoint);
        CheckFallback(description);
        CheckNumbers(description);
        return new BatchRow
        {
            Name = description.Name ?? description.Model,
            Provider = provider.Name,
            Model = model,
            Endpoint = description.Endpoint,
            Status = BatchStatus.Building,
            Handler = description.Handler,
            Metadata = description.Metadata,
            InputKey = description.InputKey,
            MaxCost = description.MaxCost,
            // The canary is a round of its own.
            MaxRounds = RoundPolicy.MoreRounds(description.MaxRounds ?? flow.Options.MaxRounds, description.Canary is null ? 0 : 1),
            RoundsGiven = description.MaxRounds ?? flow.Options.MaxRounds,
            MaxTurns = description.MaxTurns ?? 0,
            MaxAnswerRetries = description.MaxAnswerRetries ?? flow.Options.MaxAnswerRetries,
            Canary = description.Canary,
            FallbackModel = description.Fallback,
            FallbackAfter = description.FallbackAfter,
        };
    }

    /// <exception cref="OffpeakException">As <see cref="Run"/>, or another batch has the input key.</exception>
    public async Task<BatchRow> RunAsync(NewBatch description, IOffpeakStore store, CancellationToken ct) =>
        await store.TryCreateBatchAsync(Run(description), ct) ?? throw new OffpeakException(
            OffpeakErrorCode.InputKeyTaken, $"There is a batch with the input key '{description.InputKey}' already; get that one, or use another key.");

    public static void CheckBudget(decimal? maxCost)
    {
        if (maxCost is <= 0)
            throw Refuse($"A budget is more than zero, not {maxCost}; leave it out for none.");
    }

    private void CheckEndpoint(IBatchProvider provider, string model, BatchEndpoint endpoint)
    {
        if (provider.Capabilities.Endpoints is { Count: > 0 } endpoints && !endpoints.Contains(endpoint))
            throw Refuse($"{provider.Name} has no batches for {endpoint}; it takes {string.Join(", ", endpoints)}.");

        if (models.Find(provider.Name, model) is not { } known)
            return;

        if (!known.CanBatch)
            throw Refuse($"{provider.Name}/{model} cannot be batched; choose another model, or run it with a local provider.");

        if (known.Endpoints is { Count: > 0 } only && !only.Contains(endpoint.Path, StringComparer.Ordinal))
            throw Refuse($"{provider.Name}/{model} has no batches for {endpoint}; it takes {string.Join(", ", only)}.");
    }

    private void CheckFallback(NewBatch description)
    {
        if (description.Fallback is { } fallback)
            flow.Providers.Get(ModelName.Split(fallback).Provider);
        else if (description.FallbackAfter is not null)
            throw Refuse("A time for the fallback was given, but no fallback; name one as provider/model.");
    }

    private static void CheckNumbers(NewBatch description)
    {
        if (description.Canary is < 1)
            throw Refuse($"A canary is 1 entry or more, not {description.Canary}.");

        if (description.MaxRounds is < 1)
            throw Refuse($"A batch has 1 round or more, not {description.MaxRounds}.");

        CheckBudget(description.MaxCost);
        if (description.MaxTurns is < 0 || description.MaxAnswerRetries is < 0)
            throw Refuse("Turns and retries are counted from zero; a negative number makes no sense.");

        var longest = OffpeakOptionsValidator.LongestWait;
        if (description.FallbackAfter is { } after && (after <= TimeSpan.Zero || after > longest))
            throw Refuse($"The time before the fallback must be longer than zero and no longer than {longest.Days} days, not {after}.");
    }

    private static OffpeakException Refuse(string message) => new(OffpeakErrorCode.InvalidInput, message);
}
