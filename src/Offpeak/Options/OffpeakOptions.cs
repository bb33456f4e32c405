using Offpeak.Models;
using Offpeak.Policies;
using Offpeak.Providers;

namespace Offpeak;

/// <summary>
/// Settings, bound from the configuration section <c>Offpeak</c> (as environment variables: <c>Offpeak__PollGrace=00:05:00</c>) and
/// validated at start-up.
/// </summary>
public sealed class OffpeakOptions
{
    // Providers keep results for about as long; of one that names no age, or is not registered here any more, nothing better is known.
    private static readonly TimeSpan LongestMaxAge = TimeSpan.FromDays(30);

    // However early a batch is to be given up, what is paid for may be gigabytes.
    private static readonly TimeSpan ShortestReading = TimeSpan.FromDays(1);

    /// <summary>Delays between polls of one provider batch, as text such as <c>1m,2m,5m</c>. Default: 1, 2, 5, 10, 30 minutes, the last repeating.</summary>
    public PollSchedule PollSchedule { get; set; } = PollSchedule.Default;

    /// <summary>How long a poll may be overdue before the resume sweep takes the chain for lost. Default: 5 minutes.</summary>
    public TimeSpan PollGrace { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Time between resume sweeps. Default: 5 minutes.</summary>
    public TimeSpan ResumeInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Time between reconcile sweeps. Default: 5 minutes.</summary>
    public TimeSpan ReconcileInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a provider's list may lag behind a create call before an absent batch is believed absent. Default: 2 minutes.</summary>
    public TimeSpan ReconcileVisibilityWindow { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Time between submit sweeps. Default: 1 minute.</summary>
    public TimeSpan SubmitInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Time between expire sweeps. Default: 1 hour.</summary>
    public TimeSpan ExpireInterval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Time between purge sweeps. Default: 1 day.</summary>
    public TimeSpan PurgeInterval { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Age after finishing at which a batch is deleted with its entries. Default: null, never.</summary>
    public TimeSpan? PurgeAfter { get; set; }

    /// <summary>
    /// Age from acceptance at which a provider batch is given up, by provider name; overrides the provider's own default, which is 30 days
    /// where the provider itself never ends one (Azure, servers of your own).
    /// <c>-00:00:00.001</c> (<see cref="Timeout.InfiniteTimeSpan"/>) never gives up.
    /// </summary>
    public Dictionary<string, TimeSpan> MaxAge { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Rounds in all, the first included: how often an entry that fails for a passing reason is asked. Default: 3.</summary>
    public int MaxRounds { get; set; } = 3;

    /// <summary>How often an answer that does not match its schema is asked again, unless the batch says otherwise. Default: 2.</summary>
    public int MaxAnswerRetries { get; set; } = 2;

    /// <summary>Share of a batch's canary entries, 0 to 1, that must succeed before the rest is sent. Default: 0.9.</summary>
    public double CanaryShare { get; set; } = 0.9;

    /// <summary>Entries whose tool calls one process answers at the same time. Default: 8.</summary>
    public int ToolConcurrency { get; set; } = 8;

    /// <summary>How long one tool call may take; the model is told that it took too long. Default: 5 minutes.</summary>
    public TimeSpan ToolTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Results applied per transaction. Default: 500.</summary>
    public int IngestChunkSize { get; set; } = 500;

    /// <summary>How long a worker holds a shard or a handler without renewing. Default: 2 minutes.</summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Handler runs before a batch is parked for an operator. Default: 10.</summary>
    public int HandlerMaxAttempts { get; set; } = 10;

    /// <summary>Whether a batch's files at the provider are deleted once its results are stored. Default: true.</summary>
    public bool CleanUpProviderFiles { get; set; } = true;

    /// <summary>How long a provider may answer 404 for a batch it accepted before that is shown as a problem. Default: 10 minutes.</summary>
    public TimeSpan NotFoundWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How much of each kind of work this process does at the same time.</summary>
    public ConcurrencyOptions MaxConcurrency { get; } = new();

    /// <summary>
    /// Most input tokens, by estimate, that all shards of a provider or of one of its models may have in the provider's queue, by
    /// <c>provider</c> or <c>provider/model</c>; counted over all processes on the same database. Default: none, the provider's refusals decide.
    /// </summary>
    public Dictionary<string, long> MaxEnqueuedTokens { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// How long a shard may wait to be accepted by a provider before it is given up, and a batch between two rounds for a provider that is not
    /// registered any more. Default: 7 days.
    /// </summary>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Time between sweeps that delete files left at providers. Default: 1 hour.</summary>
    public TimeSpan CleanUpInterval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Prices by <c>provider/model</c>, in US dollars per million tokens, beside or instead of the built-in ones.</summary>
    public Dictionary<string, ModelPrice> Prices { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What models can do, by <c>provider/model</c>, beside or instead of the built-in table.</summary>
    public Dictionary<string, ModelInfo> Models { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The age at which a provider's batches are given up; null: never.</summary>
    internal TimeSpan? MaxAgeOf(string provider, ProviderRegistry providers)
    {
        if (MaxAge.TryGetValue(provider, out var configured))
            return configured == Timeout.InfiniteTimeSpan ? null : configured;

        return providers.Find(provider)?.Capabilities.MaxAge ?? LongestMaxAge;
    }

    /// <summary>How long the results of one of its batches may be read in one go: one that trickles for ever is no reading.</summary>
    internal TimeSpan LongestReadingOf(string provider, ProviderRegistry providers)
    {
        var longest = MaxAgeOf(provider, providers) ?? LongestMaxAge;
        return longest < ShortestReading ? ShortestReading : longest > LongestMaxAge ? LongestMaxAge : longest;
    }

    internal long? MaxEnqueuedTokensOf(string provider, string model) =>
        MaxEnqueuedTokens.TryGetValue($"{provider}/{model}", out var ofModel) ? ofModel
        : MaxEnqueuedTokens.TryGetValue(provider, out var ofProvider) ? ofProvider
        : null;
}
