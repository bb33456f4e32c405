using Offpeak.CrashTests.Worker;
using Offpeak.Storage;

namespace Offpeak.CrashTests;

/// <summary>
/// Where workers die: scenario and, for each life but the last, the point of its death. A number names the n-th time the point is
/// reached. Points that only a repair reaches come in the second life, after a death that calls for the repair.
/// </summary>
internal static class CrashPoints
{
    private static readonly bool RunsAll = Environment.GetEnvironmentVariable("OFFPEAK_CRASH_ALL") == "1";

    private static readonly string[] UsualDeaths =
    [
        "EntriesAdded", "EntriesAdded:3",
        "ShardPlanned", "ShardPlanned:3", "ShardPlanned:5",
        "BatchSubmitted", "WorkPassedOn",
        "SubmitClaimed", "SubmitClaimed:4", "SubmitClaimed:6",
        "ProviderIdJournalled", "ProviderIdJournalled:3",
        "CreateBegun", "CreateBegun:3", "CreateBegun:5",
        "CreateReturned", "CreateReturned:2", "CreateReturned:4",
        "SubmitRecorded", "SubmitRecorded:3",
        "SubmitReleased", "ReplyLost", "LostBatchFound",
        "PollClaimed", "PollClaimed:4",
        "StatusRead", "StatusRead:3",
        "EndRecorded", "EndRecorded:3",
        "ChunkApplied", "ChunkApplied:3", "ChunkApplied:6",
        "ResultsRead", "ResultsRead:4",
        "ResultsRecorded", "ResultsRecorded:4", "ResultsRecorded:6",
        "FilesCleanedUp", "FilesCleanedUp:4",
        "RoundPlanned", "BatchFinished", "DispatchClaimed",
        "OutsideWritten", "EffectWritten", "DispatchMarked", "EffectCommitted",
        "HandlerReturned", "DispatchRecorded",
        "CreateBegun LeaseTakenOver",
        "CreateReturned LostBatchFound",
        "CreateReturned ReplyLost",
        "ChunkApplied:2 ResultAlreadyApplied",
        "EndRecorded PollResumed",
        "OutsideWritten OutsideWritten OutsideWritten",
    ];

    private static readonly string[] OtherProviders = [nameof(Scenario.Anthropic), nameof(Scenario.Gemini), nameof(Scenario.XAI)];

    // Where a provider's own calls stand before and after; the rest of the flow is the same for all.
    private static readonly string[] DeathsElsewhere =
    [
        "CreateBegun:2",
        "CreateReturned:3",
        "StatusRead:2",
        "ChunkApplied:2",
        "FilesCleanedUp",
        "RoundPlanned",
    ];

    public static IEnumerable<(string Scenario, string Deaths)> InTheFlow =>
    [
        .. UsualDeaths.Select(deaths => (nameof(Scenario.Usual), deaths)),
        (nameof(Scenario.LostCall), "ProvenAbsent"),
        (nameof(Scenario.LostCall), "ReplyLost:2 ProvenAbsent"),
        (nameof(Scenario.LostCall), "LookedAgain"),
        (nameof(Scenario.NoRoom), "CapacityRequeued"),
        (nameof(Scenario.Cramped), "CapacityRequeued ShardSplit"),
        (nameof(Scenario.Crowded), "ChainEnded"),
        (nameof(Scenario.Rivalled), "LostRace"),
        (nameof(Scenario.Stuck), "GaveUp"),
        (nameof(Scenario.Structured), "TurnWritten"),
        (nameof(Scenario.Structured), "TurnWritten:3 RoundPlanned"),
        (nameof(Scenario.Structured), "TurnsWritten"),
        (nameof(Scenario.WithFallback), "StepBegun"),
        (nameof(Scenario.WithFallback), "StepBegun StepDone ChunkApplied"),
        (nameof(Scenario.OddAnswer), "RowIsolated"),
    ];

    public static IEnumerable<(string Scenario, string Deaths)> AtProviders =>
    [
        .. OtherProviders.SelectMany(scenario => DeathsElsewhere.Select(deaths => (scenario, deaths))),
        (nameof(Scenario.Anthropic), "CreateReturned:3 LostBatchFound"),
        (nameof(Scenario.Gemini), "CreateReturned:3 LostBatchFound"),
        (nameof(Scenario.XAI), "ProviderIdJournalled"),
        (nameof(Scenario.XAI), "ProviderIdJournalled:3 ProviderIdJournalled"),
        (nameof(Scenario.Local), "SubmitRecorded"),
        (nameof(Scenario.Local), "CreateBegun LostBatchFound"),
        (nameof(Scenario.Local), "ChunkApplied:2 ChunkApplied:2"),
        (nameof(Scenario.Local), "PartialResultsRead"),
        (nameof(Scenario.Local), "ResultsRecorded:2"),
    ];

    /// <summary>Verbs of the store, one life dying before a call and the next after one.</summary>
    public static IEnumerable<(string Scenario, string Deaths)> AtVerbs =>
    [
        Usual(nameof(IOffpeakStore.MigrateAsync)),
        Usual(nameof(IOffpeakStore.GetTimeAsync)),
        Usual(nameof(IOffpeakStore.TryCreateBatchAsync), after: 0),
        (nameof(Scenario.Usual), KillingStore.After(nameof(IOffpeakStore.TryCreateBatchAsync))),
        Usual(nameof(IOffpeakStore.FindBatchAsync), 4, 6),
        Usual(nameof(IOffpeakStore.FindBatchByInputKeyAsync)),
        Usual(nameof(IOffpeakStore.ListBatchesAsync), 3, 2),
        Usual(nameof(IOffpeakStore.TryChangeBatchAsync)),
        Usual(nameof(IOffpeakStore.TryChangeBatchAsync), 2, 2),
        Usual(nameof(IOffpeakStore.TryCompleteDispatchAsync)),
        Usual(nameof(IOffpeakStore.AddEntriesAsync), 2),
        Usual(nameof(IOffpeakStore.CountEntriesAsync)),
        Usual(nameof(IOffpeakStore.ReadWaitingAsync), 2),
        Usual(nameof(IOffpeakStore.ReadShardRequestsAsync), 2, 2),
        Usual(nameof(IOffpeakStore.SumEntryIdLengthsAsync), 2),
        Usual(nameof(IOffpeakStore.ReadResultsAsync)),
        Usual(nameof(IOffpeakStore.TryPlanShardAsync), 3),
        Usual(nameof(IOffpeakStore.TryPlanShardAsync), 5),
        Usual(nameof(IOffpeakStore.FindShardAsync), 3, 5),
        Usual(nameof(IOffpeakStore.ListShardsAsync), 2, 3),
        Usual(nameof(IOffpeakStore.TryChangeShardAsync)),
        Usual(nameof(IOffpeakStore.TryChangeShardAsync), 5, 7),
        Usual(nameof(IOffpeakStore.TryChangeShardAsync), 12, 9),
        Usual(nameof(IOffpeakStore.TryBeginSubmitAsync), 2),
        Usual(nameof(IOffpeakStore.ApplyResultsAsync), 2, 3),
        Usual(nameof(IOffpeakStore.ListLeaseOwnersAsync), 2),
        Usual(nameof(IOffpeakStore.ResumePollsAsync), 2),
        Usual(nameof(IOffpeakStore.FindSubmitsDueAsync), 2),
        Usual(nameof(IOffpeakStore.FindUnsettledAsync), 2),
        Usual(nameof(IOffpeakStore.ListOpenProvidersAsync)),
        Usual(nameof(IOffpeakStore.FindUncleanedAsync)),
        Usual(nameof(IOffpeakStore.FindBetweenStepsAsync)),
        Usual(nameof(IOffpeakStore.FindDueDispatchesAsync)),
        Usual(nameof(IOffpeakStore.NoteUnknownHandlersAsync)),
        Usual(nameof(IOffpeakStore.TryClaimSweepAsync), 2),
        In(nameof(Scenario.Stuck), nameof(IOffpeakStore.FindOldShardsAsync)),
        In(nameof(Scenario.Budgeted), nameof(IOffpeakStore.ReadRequestsAsync)),
        In(nameof(Scenario.Structured), nameof(IOffpeakStore.ReadReviewsAsync)),
        In(nameof(Scenario.Structured), nameof(IOffpeakStore.CountTurnsAsync)),
        In(nameof(Scenario.Structured), nameof(IOffpeakStore.ReadTurnsAsync)),
        In(nameof(Scenario.Structured), nameof(IOffpeakStore.TrySaveTurnAsync), 2),
        In(nameof(Scenario.Canceled), nameof(IOffpeakStore.RequestCancelAsync)),
        In(nameof(Scenario.Canceled), nameof(IOffpeakStore.NoteCancelSentAsync)),
        In(nameof(Scenario.Purged), nameof(IOffpeakStore.FindPurgeableAsync)),
        In(nameof(Scenario.Purged), nameof(IOffpeakStore.StepEntriesAsync)),
        In(nameof(Scenario.Purged), nameof(IOffpeakStore.DeleteBatchAsync)),
        In(nameof(Scenario.Cramped), nameof(IOffpeakStore.HasOthersUnderWayAsync)),
        In(nameof(Scenario.Cramped), nameof(IOffpeakStore.TrySplitShardAsync)),
        In(nameof(Scenario.Doubled), nameof(IOffpeakStore.AddDoubleAsync)),
        In(nameof(Scenario.Slow), nameof(IOffpeakStore.RenewLeaseAsync)),
    ];

    /// <summary>Verbs without a case, and why.</summary>
    public static IReadOnlyDictionary<string, string> Spared { get; } = new Dictionary<string, string>
    {
        [nameof(IOffpeakStore.In)] = "It does nothing to a database.",
        [nameof(IOffpeakStore.FindTablesAsync)] = "It only looks, before a command that reads.",
        [nameof(IOffpeakStore.CountErrorsAsync)] = "It only looks, at a user's word.",
        [nameof(IOffpeakStore.CountCutOffAsync)] = "It only looks, at a user's word.",
        [nameof(IOffpeakStore.CountTroubleAsync)] = "It only looks, after a tick has done its work.",
        [nameof(IOffpeakStore.ReleaseInputKeyAsync)] = "One statement at a user's word; nothing in the flow calls it.",
        [nameof(IOffpeakStore.TryFailTurnAsync)] = "It stands in the place of TrySaveTurnAsync, for a conversation that no provider here makes.",
    };

    public static IEnumerable<(string Scenario, string Deaths)> All => [.. InTheFlow, .. AtProviders, .. AtVerbs];

    /// <summary>Each n-th row, which is what a run by default has time for; every row with <c>OFFPEAK_CRASH_ALL=1</c>.</summary>
    public static IEnumerable<T> Sample<T>(IEnumerable<T> rows, int nth) => RunsAll ? rows : rows.Where((_, i) => i % nth == 0);

    /// <summary>The names of all points at which a worker dies somewhere.</summary>
    public static IReadOnlySet<string> Names() => All.SelectMany(row => row.Deaths.Split(' ')).Select(death => death.Split(':')[0]).ToHashSet();

    private static (string Scenario, string Deaths) Usual(string verb, int before = 1, int after = 1) => In(nameof(Scenario.Usual), verb, before, after);

    private static (string Scenario, string Deaths) In(string scenario, string verb, int before = 1, int after = 1)
    {
        string[] deaths = [$"{KillingStore.Before(verb)}:{before}", $"{KillingStore.After(verb)}:{after}"];
        return (scenario, string.Join(' ', deaths[..(after == 0 ? 1 : 2)]));
    }
}
