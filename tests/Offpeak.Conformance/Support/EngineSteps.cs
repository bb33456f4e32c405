using Microsoft.Extensions.Time.Testing;
using Offpeak.Providers;
using Offpeak.TestKit;

namespace Offpeak.Conformance.Support;

/// <summary>What the engine does around a submit, without its database: try, look for what was lost, wait, try again.</summary>
internal sealed class EngineSteps(IBatchProvider provider, FakeTimeProvider clock)
{
    private const int MostAttempts = 5;

    private static readonly TimeSpan VisibilityWindow = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(10);

    /// <summary>Failures met on the way.</summary>
    public List<ProviderException> Failures { get; } = [];

    /// <summary>The id of the batch, or null if the provider cannot tell and a person must decide.</summary>
    public async Task<string?> SubmitAsync(MemorySubmission submission)
    {
        var began = clock.GetUtcNow();
        for (var attempt = 1; attempt <= MostAttempts; attempt++)
        {
            try
            {
                return (await provider.SubmitAsync(submission, default)).ProviderBatchId;
            }
            catch (ProviderException failure)
            {
                Failures.Add(failure);
                if (failure.Class == ProviderErrorClass.OutcomeUnknown)
                    Assert.Equal(1, submission.CreatesBegun);
                if (failure.Class == ProviderErrorClass.OutcomeUnknown && await ReconcileAsync(submission, began) is var (settled, id) && settled)
                    return id;
            }

            clock.Advance(TimeSpan.FromSeconds(30));
            submission = submission.Again();
        }

        throw new InvalidOperationException($"{MostAttempts} attempts were not enough: {Failures[^1].Message}");
    }

    public Task<FindResult> FindAsync(MemorySubmission submission, DateTimeOffset firstCreate) => provider.FindAsync(
        submission.Since(firstCreate - ClockSkew), default);

    private async Task<(bool IsSettled, string? Id)> ReconcileAsync(MemorySubmission submission, DateTimeOffset began)
    {
        var lost = clock.GetUtcNow();
        while (true)
        {
            var found = await FindAsync(submission, began);
            switch (found.Outcome)
            {
                case FindOutcome.Found:
                    return (true, Assert.Single(found.ProviderBatchIds));
                case FindOutcome.Unknown:
                    return (true, null);
                case FindOutcome.Resumable:
                case FindOutcome.Absent when clock.GetUtcNow() - lost >= VisibilityWindow:
                    return (false, null);
            }

            clock.Advance(TimeSpan.FromSeconds(40));
        }
    }
}
