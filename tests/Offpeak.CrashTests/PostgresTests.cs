using Offpeak.CrashTests.Worker;
using Offpeak.TestKit.Postgres;

namespace Offpeak.CrashTests;

/// <summary>
/// Some of each kind of run on PostgreSQL. With <c>OFFPEAK_CRASH_STORE=postgres</c> every run of this project is on it.
/// </summary>
public sealed class PostgresTests
{
    private const string NotInstalled = "PostgreSQL is not installed: apt-get install postgresql.";

    public static TheoryData<string, string> Points =>
    [
        (nameof(Scenario.Usual), "Before/MigrateAsync After/MigrateAsync"),
        (nameof(Scenario.Usual), "EntriesAdded:2 ShardPlanned:2 BatchSubmitted"),
        (nameof(Scenario.Usual), "CreateBegun:2 CreateReturned LostBatchFound"),
        (nameof(Scenario.Usual), "Before/ApplyResultsAsync:2 ChunkApplied:2 ResultsRecorded"),
        (nameof(Scenario.Usual), "RoundPlanned BatchFinished DispatchMarked EffectCommitted"),
        (nameof(Scenario.LostCall), "ProvenAbsent"),
        (nameof(Scenario.Structured), "TurnsWritten"),
        (nameof(Scenario.WithFallback), "StepBegun StepDone"),
        (nameof(Scenario.Cramped), "Before/TrySplitShardAsync ShardSplit"),
        (nameof(Scenario.Canceled), "Before/RequestCancelAsync After/RequestCancelAsync"),
        (nameof(Scenario.Purged), "Before/DeleteBatchAsync After/DeleteBatchAsync"),
    ];

    public static TheoryData<string> Suspensions =>
        ["CreateReturned", "ChunkApplied:2", "Before/TryPlanShardAsync:5", "Before/ApplyResultsAsync:2", "OutsideWritten"];

    [Theory(Skip = NotInstalled, SkipUnless = nameof(PostgresServer.CanRun), SkipType = typeof(PostgresServer))]
    [MemberData(nameof(Points))]
    public Task A_batch_survives_a_kill(string scenario, string deaths) => CrashRun.SurviveAsync(OnPostgres(scenario), deaths);

    [Theory(Skip = NotInstalled, SkipUnless = nameof(PostgresServer.CanRun), SkipType = typeof(PostgresServer))]
    [MemberData(nameof(Suspensions))]
    public Task A_worker_that_was_suspended_does_no_harm(string point) => SuspendedTests.SuspendAsync(OnPostgres(nameof(Scenario.Suspended)), point, worker => worker);

    [Theory(Skip = NotInstalled, SkipUnless = nameof(PostgresServer.CanRun), SkipType = typeof(PostgresServer))]
    [InlineData(2)]
    [InlineData(4)]
    public Task Workers_started_together_revive_every_chain(int workers) => StartedTogetherTests.ReviveAsync(OnPostgres(nameof(Scenario.Chains)), workers);

    private static Scenario OnPostgres(string scenario) => Scenario.Named(scenario) with { Store = StoreName.PostgreSql };
}
