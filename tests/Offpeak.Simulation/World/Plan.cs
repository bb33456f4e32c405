using Offpeak.Simulation.Cloud;

namespace Offpeak.Simulation.World;

/// <summary>What one seed is about: sizes, limits, and how likely each fault is. Most seeds leave some faults out, so that rare combinations are met.</summary>
internal sealed class Plan
{
    private readonly double[] rates = new double[Enum.GetValues<Fault>().Length];

    private Plan()
    {
    }

    public int Processes { get; private init; } = 1;

    public int Batches { get; private init; } = 1;

    public int MostEntries { get; private init; } = 1;

    public int MaxEntriesPerShard { get; private init; } = 7;

    public int IngestChunkSize { get; private init; } = 5;

    public int HandlerMaxAttempts { get; private init; } = 10;

    /// <summary>Whether a create with a known key returns the batch there is, so that a lost submit may simply go on.</summary>
    public bool CreateIsIdempotent { get; private init; }

    /// <summary>How a batch can be found whose create call got no reply.</summary>
    public LostBatches LostBatches { get; private init; }

    /// <summary>Whether the provider keeps what was finished before a cancel or the expiry.</summary>
    public bool KeepsPartialResults { get; private init; } = true;

    /// <summary>Whether the provider says that a running batch has results already.</summary>
    public bool ShowsPartialResults { get; private init; }

    /// <summary>Turns in which tools answer; 0 for plain answers.</summary>
    public int MaxTurns { get; private init; }

    /// <summary>Whether what one provider leaves unanswered goes to another.</summary>
    public bool HasFallback { get; private init; }

    /// <summary>Whether users cancel and ask again, at times by the seed.</summary>
    public bool UsersInterfere { get; private init; }

    /// <summary>Entries of a batch that go first; 0 for all at once.</summary>
    public int Canary { get; private init; }

    /// <summary>Whether some entries demand an answer that matches a schema.</summary>
    public bool HasSchemas { get; private init; }

    /// <summary>How long finished batches are kept; null for ever.</summary>
    public TimeSpan? PurgeAfter { get; private init; }

    /// <summary>What a second key of the provider sees, where some processes have one.</summary>
    public KeyChange KeyChange { get; private init; }

    /// <summary>How far a process's clock may be from the database's.</summary>
    public TimeSpan MostSkew { get; private init; }

    /// <summary>Entries that the account's queue of tokens holds, for ever; null for any number.</summary>
    public int? QueueRoom { get; private init; }

    /// <summary>Whether the provider refuses what has no room when it is created, or only later.</summary>
    public bool RefusesAtOnce { get; private init; }

    /// <summary>Tokens that the engine is told to keep under way at most; null for any number.</summary>
    public int? MaxEnqueuedTokens { get; private init; }

    /// <summary>Whether batches have budgets.</summary>
    public bool HasBudgets { get; private init; }

    /// <summary>Whether all processes are replaced when the faults stop, or go on as they are.</summary>
    public bool DeploysWhenHealed { get; private init; } = true;

    /// <summary>When faults stop.</summary>
    public TimeSpan HealAfter { get; private init; }

    /// <summary>The store call that fails, counted from 1; 0 for none.</summary>
    public int FailingStoreCall { get; init; }

    /// <summary>Whether <see cref="FailingStoreCall"/> fails after it has taken effect.</summary>
    public bool FailsAfterEffect { get; init; }

    /// <summary>The provider call that fails, counted from 1; 0 for none.</summary>
    public int FailingProviderCall { get; init; }

    public double Rate(Fault fault) => rates[(int)fault];

    public static Plan FromSeed(Random random)
    {
        var lostBatches = random.NextDouble() switch
        {
            < 0.55 => LostBatches.CarryTheirKey,
            < 0.7 => LostBatches.ShowTheirSize,
            < 0.8 => LostBatches.CannotBeFound,
            _ => LostBatches.CanBeFilledUp,
        };
        var plan = new Plan
        {
            Processes = random.NextDouble() switch { < 0.12 => 4, < 0.4 => 2, _ => 1 },
            Batches = random.NextDouble() < 0.2 ? 3 : 1 + random.Next(2),
            MostEntries = random.NextDouble() < 0.1 ? 40 : 9,
            MaxEntriesPerShard = 2 + random.Next(6),
            IngestChunkSize = 1 + random.Next(10),
            HandlerMaxAttempts = 2 + random.Next(8),
            LostBatches = lostBatches,
            KeepsPartialResults = random.NextDouble() < 0.8,
            CreateIsIdempotent = lostBatches == LostBatches.CarryTheirKey && random.NextDouble() < 0.25,
            ShowsPartialResults = random.NextDouble() < 0.3,
            MaxTurns = random.NextDouble() < 0.25 ? 1 + random.Next(3) : 0,
            HasFallback = random.NextDouble() < 0.2,
            Canary = random.NextDouble() < 0.2 ? 1 + random.Next(6) : 0,
            HasSchemas = random.NextDouble() < 0.3,
            PurgeAfter = random.NextDouble() < 0.2 ? TimeSpan.FromMinutes(15 + random.Next(60)) : null,
            KeyChange = random.NextDouble() switch { < 0.08 => KeyChange.SameAccount, < 0.2 => KeyChange.OtherAccount, _ => KeyChange.None },
            MostSkew = random.NextDouble() < 0.25 ? TimeSpan.FromMinutes(10) : TimeSpan.Zero,
            QueueRoom = random.NextDouble() < 0.12 ? 1 + random.Next(4) : null,
            RefusesAtOnce = random.Next(2) == 0,
            MaxEnqueuedTokens = random.NextDouble() < 0.12 ? 20 + random.Next(150) : null,
            HasBudgets = random.NextDouble() < 0.25,
            DeploysWhenHealed = random.NextDouble() < 0.5,
            UsersInterfere = true,
            // What comes after a first round, or after the end, is met by faults only if they last.
            HealAfter = TimeSpan.FromMinutes(40 + random.Next(random.NextDouble() < 0.35 ? 300 : 100)),
        };
        foreach (var fault in Enum.GetValues<Fault>())
            plan.rates[(int)fault] = random.NextDouble() < 0.35 ? 0 : BaseRate(fault) * (0.3 + (1.7 * random.NextDouble()));
        // Lost replies and lists that lag: what makes doubles.
        if (random.NextDouble() < 0.15)
            (plan.rates[(int)Fault.ListLagsLong], plan.rates[(int)Fault.ReplyDropped]) = (0.7, 0.5);

        if (random.NextDouble() < 0.3)
            plan.rates[(int)Fault.Interleaved] = 0.06;
        return plan;
    }

    /// <summary>One small batch and no faults but the one named.</summary>
    public static Plan HappyPath(int failingStoreCall = 0, bool failsAfterEffect = false, int failingProviderCall = 0) => new()
    {
        MostEntries = 3,
        IngestChunkSize = 2,
        HealAfter = TimeSpan.FromMinutes(30),
        FailingStoreCall = failingStoreCall,
        FailsAfterEffect = failsAfterEffect,
        FailingProviderCall = failingProviderCall,
    };

    private static double BaseRate(Fault fault) => fault switch
    {
        Fault.StoreFailsBefore or Fault.StoreFailsAfter => 0.002,
        Fault.HandlerCommitFails or Fault.ToolFails => 0.3,
        Fault.Suspended => 0.004,
        Fault.KeyRotated => 0.5,
        Fault.Deployed => 0.4,
        Fault.ListLagsLong => 0.4,
        Fault.PoisonedAnswer => 0.02,
        Fault.InvalidAnswer => 0.3,
        Fault.CrashAtPoint => 0.012,
        Fault.CrashAtStore or Fault.CrashAfterStore => 0.0006,
        Fault.CrashInCreate => 0.05,
        Fault.OldOwnerKnownDead => 0.5,
        Fault.OldOwnerUnknown => 1,
        Fault.Interleaved => 0.008,
        Fault.Stalled => 0.15,
        Fault.Asleep => 0.08,
        Fault.Outage => 0.01,
        Fault.StreamCut => 0.03,
        Fault.FindCannotTell => 0.2,
        Fault.TickSkipped or Fault.WorkDropped or Fault.WorkDelayed => 0.1,
        Fault.ReplyDropped or Fault.CreateNeverArrives => 0.12,
        Fault.AppendNeverArrives or Fault.AppendReplyDropped => 0.1,
        Fault.ListLags => 0.5,
        Fault.SlowEntries or Fault.CancelIgnored => 0.15,
        Fault.HandlerFails or Fault.HandlerUnregistered => 0.3,
        Fault.PassingFailure or Fault.CutAnswer => 0.15,
        Fault.HandlerCommitUnclear => 0.3,
        Fault.NotContinued => 0.6,
        _ => 0.06,
    };
}
