using Offpeak.Simulation.Cloud;
using Offpeak.Simulation.Store;

namespace Offpeak.Simulation.World;

/// <summary>
/// One simulated world: processes that run the real flow and sweeps, one provider, one database, users, and a clock that jumps from event to
/// event. Everything happens one after the other and is a pure function of the seed.
/// </summary>
internal sealed class Simulation : IDisposable
{
    public static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How long a shard may wait to be accepted.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromHours(4);

    // Each wait has a bound of its own, which the oracle holds to its sweep. A life is many of them: rounds, tries, a provider that takes its time.
    private static readonly TimeSpan Promise = TimeSpan.FromHours(16);
    private static readonly TimeSpan Stall = TimeSpan.FromMinutes(7);
    private static readonly TimeSpan Sleep = TimeSpan.FromMinutes(50);
    private const int MostStepsInPause = 400;
    private const int DeepestPause = 3;
    private const double MostOften = 0.35;

    private readonly List<SimEvent> held = [];
    private readonly PriorityQueue<SimEvent, (DateTimeOffset Due, int Order)> events = new();
    private readonly List<SimProcess> lives = [];
    private readonly HashSet<string> knownDead = [];
    private readonly List<(CloudBatch Batch, int Depth, int Breakages)> lateCreates = [];
    private readonly Coverage coverage;
    private readonly bool faulty;
    private GuaranteeViolatedException? violation;
    private int order;
    private int depth;
    private int breakages;
    private int locks;
    private DateTimeOffset sleptFrom;
    private DateTimeOffset wokeAt;

    public Simulation(Plan plan, int seed, bool faulty, Coverage coverage, bool traceEverything)
    {
        (Plan, this.faulty, this.coverage) = (plan, faulty, coverage);
        Random = new Random(seed);
        EngineRandom = new Random(~seed);
        StoreClock = new WorldClock(this);
        Trace = new Trace(traceEverything);
        Database = new SimDatabase();
        Oracle = new Oracle(this);
        Cloud = new SimCloud(this);
        Handlers = new HandlerDesk(this);
        Users = new Users(this);
        Processes = new SimProcess[plan.Processes];
    }

    public Plan Plan { get; }

    public Random Random { get; }

    /// <summary>The engine's own random numbers, apart from the world's.</summary>
    public Random EngineRandom { get; }

    /// <summary>The clock that the database compares with.</summary>
    public TimeProvider StoreClock { get; }

    public Trace Trace { get; }

    public SimDatabase Database { get; }

    public Oracle Oracle { get; }

    public SimCloud Cloud { get; }

    public HandlerDesk Handlers { get; }

    public Users Users { get; }

    /// <summary>The processes as they are now; a slot keeps its place over restarts.</summary>
    public SimProcess[] Processes { get; }

    public Coverage Coverage => coverage;

    public DateTimeOffset Now { get; private set; } = Start;

    public bool Healed => Now >= HealsAt;

    public DateTimeOffset HealsAt => Start + Plan.HealAfter;

    /// <summary>Store calls so far.</summary>
    public int StoreCalls { get; set; }

    /// <summary>Provider calls so far.</summary>
    public int ProviderCalls { get; set; }

    /// <summary>Whether a step that is going on at this moment was held up for minutes since a time.</summary>
    public bool HasSlept(DateTimeOffset since) => sleptFrom >= since - TimeSpan.FromMinutes(1) && Now - wokeAt < TimeSpan.FromMinutes(1);

    private bool MayPause => depth < DeepestPause && locks == 0;

    /// <summary>Runs to the end and checks every guarantee.</summary>
    public void Run()
    {
        for (var slot = 0; slot < Processes.Length; slot++)
            Launch(slot);
        Users.Arrive();
        At(Plan.HealAfter * (0.2 + (0.6 * Random.NextDouble())), "a deploy", () => Happens(Fault.Deployed) ? DeployAsync(_ => true) : Task.CompletedTask);
        At(
            Plan.HealAfter,
            "heal: faults stop, every handler is registered, the first key is back",
            () => DeployAsync(process => Plan.DeploysWhenHealed || !process.KnowsEveryHandler || !process.HasFirstKey));
        while (!IsSettled())
        {
            if (Now > HealsAt + Promise)
                Oracle.Unfinished(Promise);
            Step();
            ThrowIfViolated();
        }

        coverage.NoteRest(Now - HealsAt);
        Oracle.Final();
        ThrowIfViolated();
    }

    /// <summary>Whether a fault happens here and now, by the seed. Never after the faults have stopped.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="often">How many times as likely as the plan says.</param>
    public bool Happens(Fault fault, int often = 1)
    {
        if (!faulty || Healed || Random.NextDouble() >= (often == 1 ? Plan.Rate(fault) : Math.Min(Plan.Rate(fault) * often, MostOften)))
            return false;

        Meet(fault);
        if (fault is <= Fault.CrashInCreate or Fault.ReplyDropped or Fault.AppendReplyDropped)
            breakages++;
        return true;
    }

    /// <summary>Notes a fault that does not come about by chance.</summary>
    public void Meet(Fault fault)
    {
        coverage.Count(fault);
        Log($"! {fault}");
    }

    public void Log(string text) => Trace.Add(Now, depth, text);

    /// <summary>Plans an event.</summary>
    /// <param name="delay">How long from now.</param>
    /// <param name="name">What is logged when it comes.</param>
    /// <param name="run">What happens then.</param>
    /// <param name="process">Whose event it is: it dies with it and waits while it is suspended. Null: the world's.</param>
    /// <param name="isWanted">Asked when it comes whether it still is one; null: it is.</param>
    public void At(TimeSpan delay, string name, Func<Task> run, SimProcess? process = null, Func<bool>? isWanted = null)
    {
        var due = Now + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero);
        Enqueue(new SimEvent(name, due, run, process, isWanted));
    }

    /// <summary>
    /// Here the running step waits for a call, and other steps may go on, in this process or another: sometimes a few, sometimes for longer
    /// than a lease, sometimes for as long as a computer sleeps. Or the whole process stands still, its timers too, for minutes.
    /// </summary>
    public void Pause(SimProcess process)
    {
        if (!MayPause)
            return;

        if (Happens(Fault.Suspended))
        {
            Suspend(process);
        }
        else if (Happens(Fault.Interleaved))
        {
            var length = Happens(Fault.Asleep) ? Sleep : Happens(Fault.Stalled) ? Stall : TimeSpan.Zero;
            LetOthersGoOn(length, 1 + Random.Next(4));
        }
    }

    /// <summary>Does something that holds the store's write lock, so that nobody else can go on meanwhile.</summary>
    public async Task WhileLockedAsync(Func<Task> act)
    {
        locks++;
        try
        {
            await act();
        }
        finally
        {
            locks--;
        }
    }

    /// <summary>Here, by the seed, the running step is held up for so long that others take it for lost.</summary>
    public void HoldUp(Fault fault)
    {
        if (MayPause && Happens(fault))
            LetOthersGoOn(Sleep, steps: 1);
    }

    /// <summary>
    /// A create call that was sent after its sender had lost the lease makes a double that only the sender can note. It must, unless
    /// something breaks before the running step ends.
    /// </summary>
    public void WatchLateCreate(CloudBatch batch) => lateCreates.Add((batch, depth, breakages));

    /// <summary>Notes a broken promise; the run ends at the next step, however many handlers the exception meets on its way.</summary>
    public void Fail(string message, Exception? inner = null)
    {
        Log($"VIOLATED {message}");
        violation ??= new GuaranteeViolatedException(message, inner);
        throw violation;
    }

    /// <summary>Whether the holder of a lease is known to be dead.</summary>
    public bool IsDead(string token) => knownDead.Contains(token.Split('|')[0]);

    /// <summary>A process that is up, by the seed; null if none is.</summary>
    public SimProcess? AnyProcess()
    {
        var up = Array.FindAll(Processes, process => process is { Dead: false, IsSuspended: false });
        return up.Length == 0 ? null : up[Random.Next(up.Length)];
    }

    public void AfterCrash(SimProcess process)
    {
        if (Happens(Fault.OldOwnerKnownDead))
            knownDead.Add(process.Owner);
        else
            Happens(Fault.OldOwnerUnknown);
        var delay = TimeSpan.FromSeconds(Random.Next(Random.NextDouble() < 0.5 ? 5 : 900));
        At(delay, $"restart process {process.Slot}", () =>
        {
            Launch(process.Slot);
            return Task.CompletedTask;
        });
    }

    public void Dispose()
    {
        foreach (var life in lives)
            life.Dispose();
        Oracle.Dispose();
        Database.Dispose();
    }

    private void Launch(int slot)
    {
        var process = new SimProcess(this, slot, lives.Count);
        lives.Add(process);
        Processes[slot] = process;
        process.Start();
    }

    private Task DeployAsync(Func<SimProcess, bool> isReplaced)
    {
        foreach (var process in Processes.Where(process => !process.Dead && isReplaced(process)).ToArray())
        {
            process.End();
            if (Random.Next(2) == 0)
                knownDead.Add(process.Owner);

            Launch(process.Slot);
        }

        return Task.CompletedTask;
    }

    private void Enqueue(SimEvent next) => events.Enqueue(next, (next.Due, order++));

    private void Suspend(SimProcess process)
    {
        if (process.IsSuspended)
            return;

        process.IsSuspended = true;
        LetOthersGoOn(TimeSpan.FromMinutes(1 + (29 * Random.NextDouble())), steps: 0);
        process.IsSuspended = false;
        foreach (var late in held.FindAll(late => late.Process == process))
            Enqueue(late with { Due = Now });

        held.RemoveAll(late => late.Process == process);
    }

    private void Step()
    {
        var next = events.Dequeue();
        Advance(next.Due);
        if (next.Process is { Dead: true } || next.IsWanted?.Invoke() == false)
            return;

        if (next.Process is { IsSuspended: true })
        {
            held.Add(next);
            return;
        }

        depth++;
        try
        {
            Log(next.Name);
            next.Run().GetAwaiter().GetResult();
        }
        catch (Exception error)
        {
            Log($"ended by {error.GetType().Name}");
            Oracle.Expect(error);
        }
        finally
        {
            JudgeLateCreates();
            depth--;
        }

        ThrowIfViolated();
        Oracle.Inspect();
    }

    private void LetOthersGoOn(TimeSpan length, int steps)
    {
        Oracle.Inspect();
        var from = Now;
        var until = Now + length;
        var done = 0;
        for (; done < MostStepsInPause && !Healed && IsNext(done < steps ? DateTimeOffset.MaxValue : until); done++)
            Step();

        if (!Healed && done < MostStepsInPause)
            Advance(until < HealsAt ? until : HealsAt);

        if (Now - from > TimeSpan.FromMinutes(1))
            (sleptFrom, wokeAt) = (from, Now);

        bool IsNext(DateTimeOffset until) => events.TryPeek(out _, out var due) && due.Due <= until;
    }

    private void JudgeLateCreates()
    {
        foreach (var late in lateCreates.Where(late => late.Depth == depth))
            late.Batch.IsUnnoticed |= breakages > late.Breakages;
        lateCreates.RemoveAll(late => late.Depth == depth);
    }

    private void Advance(DateTimeOffset due) => Now = due > Now ? due : Now;

    private bool IsSettled() => Healed && Users.Done && Oracle.EverythingIsDone();

    private void ThrowIfViolated()
    {
        if (violation is not null)
            throw violation;
    }

    private sealed record SimEvent(string Name, DateTimeOffset Due, Func<Task> Run, SimProcess? Process, Func<bool>? IsWanted);

    private sealed class WorldClock(Simulation world) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => world.Now;
    }
}
