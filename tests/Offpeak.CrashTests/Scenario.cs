using Offpeak.Testing;

namespace Offpeak.CrashTests;

/// <summary>What a run meets beside its crashes.</summary>
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

    /// <summary>The provider has no room for one of the provider batches.</summary>
    public static readonly Scenario NoRoom = Usual with { Faults = [.. Usual.Faults, Fault.TokenLimitExceeded() with { Nth = 3 }] };

    /// <summary>Polls wait for each other until the resume sweep takes their chains for lost.</summary>
    public static readonly Scenario Crowded = Usual with
    {
        Faults = [.. Usual.Faults, Fault.Delay(EmulatorOperation.GetBatch, TimeSpan.FromMilliseconds(200)) with { Times = 6 }],
        Settings = new Dictionary<string, string> { ["MaxConcurrency"] = "1", ["PollGrace"] = "00:00:00", ["ResumeInterval"] = "00:00:00.030" },
    };

    /// <summary>The provider never finishes, and the batch is given up.</summary>
    public static readonly Scenario Stuck = new()
    {
        Finishes = false,
        Settings = new Dictionary<string, string> { ["MaxAge__openai"] = "00:00:00.500", ["ExpireInterval"] = "00:00:00.200" },
    };

    /// <summary>Another worker takes over in the middle of a poll.</summary>
    public static readonly Scenario Rivalled = Usual with { RivalAt = "StatusRead" };

    /// <summary>Some answers do not match the schema and are asked again.</summary>
    public static readonly Scenario Structured = Usual with { HasSchema = true };

    /// <summary>There is one round only, and what is left goes to a local provider.</summary>
    public static readonly Scenario WithFallback = Usual with
    {
        HasFallback = true,
        Settings = new Dictionary<string, string> { ["MaxRounds"] = "1" },
    };

    public static readonly Scenario Anthropic = Usual with { Provider = "anthropic" };

    public static readonly Scenario Gemini = Usual with { Provider = "gemini" };

    /// <summary>One call that adds entries is refused for a moment, another is answered into the void.</summary>
    public static readonly Scenario XAI = Usual with
    {
        Provider = "xai",
        Faults =
        [
            .. Usual.Faults,
            Fault.Respond(EmulatorOperation.AppendRequests, 503) with { Nth = 2 },
            Fault.DropAfterCommit(EmulatorOperation.AppendRequests) with { Nth = 4 },
        ],
    };

    public static readonly Scenario Local = new() { Provider = "local", Settings = new Dictionary<string, string> { ["Local__MaxAttempts"] = "1" } };

    public string Provider { get; init; } = "openai";

    public bool HasSchema { get; init; }

    public bool HasFallback { get; init; }

    public bool Finishes { get; init; } = true;

    public string? RivalAt { get; init; }

    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary>Settings of the engine that differ from the usual ones.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    public static Scenario Named(string name) => (Scenario)typeof(Scenario).GetField(name)!.GetValue(null)!;
}
