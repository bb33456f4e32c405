namespace Offpeak.CrashTests;

/// <summary>
/// Where workers die: scenario and, for each life but the last, the point of its death. A number names the n-th time the point is
/// reached. Points that only a repair reaches come in the second life, after a death that calls for the repair.
/// </summary>
internal static class CrashPoints
{
    private static readonly string[] UsualDeaths =
    [
        "SchemaStep", "SchemaStep:2", "SchemaStep:3",
        "EntriesAdded", "EntriesAdded:2", "EntriesAdded:3",
        "ShardPlanned", "ShardPlanned:3", "ShardPlanned:5",
        "BatchSealed",
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
        "CreateReturned",
        "CreateReturned:3",
        "StatusRead:2",
        "EndRecorded",
        "ChunkApplied:2",
        "ResultsRecorded:2",
        "FilesCleanedUp",
        "RoundPlanned",
    ];

    public static IEnumerable<(string Scenario, string Deaths)> All =>
    [
        .. UsualDeaths.Select(deaths => (nameof(Scenario.Usual), deaths)),
        (nameof(Scenario.LostCall), "ProvenAbsent"),
        (nameof(Scenario.LostCall), "ReplyLost:2 ProvenAbsent"),
        (nameof(Scenario.NoRoom), "CapacityRequeued"),
        (nameof(Scenario.Crowded), "ChainEnded"),
        (nameof(Scenario.Rivalled), "LostRace"),
        (nameof(Scenario.Stuck), "GaveUp"),
        (nameof(Scenario.Structured), "TurnWritten"),
        (nameof(Scenario.Structured), "TurnWritten:3 RoundPlanned"),
        (nameof(Scenario.WithFallback), "FallbackBegun"),
        (nameof(Scenario.WithFallback), "FallbackBegun ChunkApplied"),
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
}
