using Offpeak.CrashTests.Worker;
using Offpeak.Testing;

namespace Offpeak.CrashTests;

/// <summary>What a run meets beside its crashes, and how it is to end.</summary>
internal sealed record Scenario
{
    /// <summary>One upload is refused for a moment and one create call is answered into the void.</summary>
    public static readonly Scenario Usual = new()
    {
        Faults =
        [
            Fault.Respond(EmulatorOperation.UploadFile, 503) with { Nth = 3 },
            Fault.DropAfterCommit(EmulatorOperation.CreateBatch) with { Nth = 2 },
        ],
    };

    /// <summary>A create call is lost before the provider has seen it, so that its absence must be proven.</summary>
    public static readonly Scenario LostCall = Usual with
    {
        Faults = [.. Usual.Faults, Fault.DropBeforeCommit(EmulatorOperation.CreateBatch) with { Nth = 3 }],
    };

    /// <summary>A create call is answered into the void and its batch is not in the list for longer than we wait, so that there is a double.</summary>
    public static readonly Scenario Doubled = new()
    {
        Faults =
        [
            Fault.DropAfterCommit(EmulatorOperation.CreateBatch) with { Nth = 2 },
            Fault.HideFromList(TimeSpan.FromSeconds(4)) with { Nth = 2 },
        ],
        BatchDuration = TimeSpan.FromSeconds(5),
        AllowsDoubles = true,
        Settings = new Dictionary<string, string> { ["ReconcileVisibilityWindow"] = "00:00:00.100" },
    };

    /// <summary>The provider has no room for one of the provider batches.</summary>
    public static readonly Scenario NoRoom = Usual with
    {
        Faults = [.. Usual.Faults, Fault.TokenLimitExceeded() with { Nth = 3 }],
        // Refused when it has been begun before, and while nothing else is there, it is cut into two.
        Shards = null,
    };

    /// <summary>The provider has no room for anything until it is asked for less.</summary>
    public static readonly Scenario Cramped = new()
    {
        Faults = [Fault.TokenLimitExceeded() with { Times = 16 }],
        Shards = null,
    };

    /// <summary>Polls wait for each other until the resume sweep takes their chains for lost.</summary>
    public static readonly Scenario Crowded = Usual with
    {
        Faults = [.. Usual.Faults, Fault.Delay(EmulatorOperation.GetBatch, TimeSpan.FromMilliseconds(200)) with { Times = 6 }],
        Settings = new Dictionary<string, string>
        {
            ["MaxConcurrency__Polls"] = "1",
            ["PollGrace"] = "00:00:00",
            ["ResumeInterval"] = "00:00:00.030",
        },
    };

    /// <summary>The provider never finishes, and the batch is given up.</summary>
    public static readonly Scenario Stuck = new()
    {
        End = RunEnd.Expired,
        BatchDuration = TimeSpan.FromHours(1),
        Shards = 4,
        Settings = new Dictionary<string, string> { ["MaxAge__openai"] = "00:00:00.500", ["ExpireInterval"] = "00:00:00.200" },
    };

    /// <summary>The user cancels as soon as the batch is submitted.</summary>
    public static readonly Scenario Canceled = Usual with
    {
        End = RunEnd.Canceled,
        BatchDuration = TimeSpan.FromHours(1),
        Shards = 4,
        Worker = new() { Cancels = true },
    };

    /// <summary>The batch is deleted soon after it has been handled.</summary>
    public static readonly Scenario Purged = Usual with
    {
        End = RunEnd.Purged,
        Worker = new() { Purges = true },
        Settings = new Dictionary<string, string> { ["PurgeAfter"] = "00:00:00.500", ["PurgeInterval"] = "00:00:00.200" },
    };

    /// <summary>Another worker takes over in the middle of a poll.</summary>
    public static readonly Scenario Rivalled = Usual with { Worker = new() { RivalAt = "StatusRead" } };

    /// <summary>Some answers do not match the schema and are asked again.</summary>
    public static readonly Scenario Structured = Usual with { Worker = new() { HasSchema = true } };

    /// <summary>There is one round only, and what is left goes to a local provider.</summary>
    public static readonly Scenario WithFallback = Usual with
    {
        Worker = new() { HasFallback = true },
        Shards = 4,
        Settings = new Dictionary<string, string> { ["MaxRounds"] = "1" },
    };

    /// <summary>The batch may cost no more than so much, which is enough.</summary>
    public static readonly Scenario Budgeted = Usual with { Worker = new() { MaxCost = 100 } };

    /// <summary>The handler takes longer than a lease lasts.</summary>
    public static readonly Scenario Slow = Usual with
    {
        Worker = new() { HandlerDelay = TimeSpan.FromSeconds(1.5) },
        Settings = new Dictionary<string, string> { ["LeaseDuration"] = "00:00:01" },
    };

    /// <summary>One answer is such that the database refuses it.</summary>
    public static readonly Scenario OddAnswer = Usual with { Worker = new() { OddAnswer = Workload.Answer(Workload.OddNumber) } };

    public static readonly Scenario Anthropic = Usual with { Worker = new() { Provider = "anthropic" } };

    public static readonly Scenario Gemini = Usual with { Worker = new() { Provider = "gemini" } };

    /// <summary>One call that adds entries is refused for a moment, another is answered into the void.</summary>
    public static readonly Scenario XAI = Usual with
    {
        Worker = new() { Provider = "xai" },
        Faults =
        [
            .. Usual.Faults,
            Fault.Respond(EmulatorOperation.AppendRequests, 503) with { Nth = 2 },
            Fault.DropAfterCommit(EmulatorOperation.AppendRequests) with { Nth = 4 },
        ],
    };

    public static readonly Scenario Local = new()
    {
        Worker = new() { Provider = "local" },
        Shards = 0,
        Settings = new Dictionary<string, string> { ["Local__MaxAttempts"] = "1" },
    };

    /// <summary>
    /// A worker that does not show a sign of life for a second is taken for dead. It may have been about to send a create call, which others
    /// have taken for lost and made again when it is sent at last.
    /// </summary>
    public static readonly Scenario Suspended = Usual with
    {
        AllowsDoubles = true,
        Settings = new Dictionary<string, string> { ["LeaseDuration"] = "00:00:01" },
    };

    /// <summary>As <see cref="Suspended"/>; meanwhile somebody cancels.</summary>
    public static readonly Scenario SuspendedAndCanceled = Suspended with { End = RunEnd.Canceled, Shards = null };

    /// <summary>As <see cref="Suspended"/>; meanwhile the batch ends and what failed is asked again.</summary>
    public static readonly Scenario SuspendedAndRetried = Suspended with { IsRetried = true, Shards = 7 };

    /// <summary>As <see cref="Suspended"/>; meanwhile the batch ends and is deleted.</summary>
    public static readonly Scenario SuspendedAndPurged = Purged with
    {
        AllowsDoubles = true,
        Settings = Purged.Settings.Concat(Suspended.Settings).ToDictionary(),
    };

    /// <summary>Every entry is a provider batch of its own, and nobody but the start of a process looks for lost polls.</summary>
    public static readonly Scenario Chains = new()
    {
        Worker = new() { ShardSize = 1 },
        BatchDuration = TimeSpan.FromMinutes(10),
        Shards = 19,
        Settings = new Dictionary<string, string> { ["PollGrace"] = "01:00:00", ["ResumeInterval"] = "01:00:00" },
    };

    public StoreName Store { get; init; } = Environment.GetEnvironmentVariable("OFFPEAK_CRASH_STORE") == "postgres" ? StoreName.PostgreSql : StoreName.Sqlite;

    /// <summary>What its workers are told.</summary>
    public WorkerSettings Worker { get; init; } = new();

    public RunEnd End { get; init; } = RunEnd.Completed;

    /// <summary>Whether what failed is asked again once the batch is at its end.</summary>
    public bool IsRetried { get; init; }

    /// <summary>How long the provider takes for a batch.</summary>
    public TimeSpan BatchDuration { get; init; } = TimeSpan.FromMilliseconds(120);

    /// <summary>How many shards there are in the end, those of a local provider not counted; null: it depends.</summary>
    public int? Shards { get; init; } = 6;

    /// <summary>Whether the provider may hold more than one batch of a shard, as long as we know.</summary>
    public bool AllowsDoubles { get; init; }

    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary>Settings of the engine that differ from the usual ones.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    public static Scenario Named(string name) => (Scenario)typeof(Scenario).GetField(name)!.GetValue(null)!;
}

/// <summary>How a batch is to end.</summary>
internal enum RunEnd
{
    Completed,
    Canceled,
    Expired,
    Purged,
}
