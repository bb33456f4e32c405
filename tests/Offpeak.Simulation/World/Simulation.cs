using Microsoft.Extensions.Time.Testing;
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

    private static readonly TimeSpan Promise = TimeSpan.FromHours(16);
    private static readonly TimeSpan Stall = TimeSpan.FromMinutes(7);
    private static readonly TimeSpan Sleep = TimeSpan.FromMinutes(50);
    private const int MostStepsInPause = 200;
    private const int DeepestPause = 3;

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
    private bool advancing;

    public Simulation(Plan plan, int seed, bool faulty, Coverage coverage, bool traceEverything)
    {
        (Plan, this.faulty, this.coverage) = (plan, faulty, coverage);
        Random = new Random(seed);
        EngineRandom = new Random(~seed);
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

    public FakeTimeProvider Clock { get; } = new(Start);

    public Trace Trace { get; }

    public SimDatabase Database { get; }

    public Oracle Oracle { get; }

    public SimCloud Cloud { get; }

    public HandlerDesk Handlers { get; }

    public Users Users { get; }

    /// <summary>The processes as they are now; a slot keeps its place over restarts.</summary>
    public SimProcess[] Processes { get; }

    public Coverage Coverage => coverage;

    public DateTimeOffset Now => Clock.GetUtcNow();

    public bool Healed => Now >= HealsAt;

    public DateTimeOffset HealsAt => Start + Plan.HealAfter;

    /// <summary>Store calls so far.</summary>
    public int StoreCalls { get; set; }

    /// <summary>Provider calls so far.</summary>
    public int ProviderCalls { get; set; }

    private bool MayPause => depth < DeepestPause && !advancing && !Handlers.InTransaction;

    /// <summary>Runs to the end and checks every guarantee.</summary>
    public void Run()
    {
        for (var slot = 0; slot < Processes.Length; slot++)
            Launch(slot);
        Users.Arrive();
        At(Plan.HealAfter, "heal: faults stop, every handler is registered", DeployAsync);
        while (!IsSettled())
        {
            if (Now > HealsAt + Promise)
                Oracle.Unfinished(Promise);
            Step();
            ThrowIfViolated();
        }

        Oracle.Final();
        ThrowIfViolated();
    }

    /// <summary>Whether a fault happens here and now, by the seed. Never after the faults have stopped.</summary>
    public bool Happens(Fault fault)
    {
        if (!faulty || Healed || Random.NextDouble() >= Plan.Rate(fault))
            return false;
        coverage.Count(fault);
        Log($"! {fault}");
        if (fault is <= Fault.CrashInCreate or Fault.ReplyDropped or Fault.AppendReplyDropped)
            breakages++;
        return true;
    }

    public void Log(string text) => Trace.Add(Now, depth, text);

    public void At(TimeSpan delay, string name, Func<Task> run)
    {
        var due = Now + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero);
        events.Enqueue(new SimEvent(name, due, run), (due, order++));
    }

    /// <summary>
    /// Here the running step waits for a call, and other steps may go on, in this process or another: sometimes a few, sometimes for longer
    /// than a lease, sometimes for as long as a computer sleeps.
    /// </summary>
    public void Pause()
    {
        if (!MayPause || !Happens(Fault.Interleaved))
            return;
        var length = Happens(Fault.Asleep) ? Sleep : Happens(Fault.Stalled) ? Stall : TimeSpan.Zero;
        LetOthersGoOn(length, 1 + Random.Next(4));
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

    public bool IsDead(string owner) => knownDead.Contains(owner);

    /// <summary>A process that is up, by the seed; null if none is.</summary>
    public SimProcess? AnyProcess()
    {
        var up = Array.FindAll(Processes, process => !process.Dead);
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

    private async Task DeployAsync()
    {
        foreach (var process in Processes.Where(process => !process.Dead).ToArray())
        {
            process.End();
            knownDead.Add(process.Owner);
            Launch(process.Slot);
        }

        await Task.CompletedTask;
    }

    private void Step()
    {
        var next = events.Dequeue();
        Advance(next.Due);
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
        var until = Now + length;
        for (var done = 0; events.Count > 0 && done < MostStepsInPause && (done < steps || Now < until); done++)
            Step();
    }

    private void JudgeLateCreates()
    {
        foreach (var late in lateCreates.Where(late => late.Depth == depth))
            late.Batch.IsUnnoticed |= breakages > late.Breakages;
        lateCreates.RemoveAll(late => late.Depth == depth);
    }

    private void Advance(DateTimeOffset due)
    {
        if (due <= Now)
            return;
        advancing = true;
        Clock.SetUtcNow(due);
        advancing = false;
    }

    private bool IsSettled() => Healed && Users.Done && Oracle.EverythingIsDone();

    private void ThrowIfViolated()
    {
        if (violation is not null)
            throw violation;
    }

    private readonly record struct SimEvent(string Name, DateTimeOffset Due, Func<Task> Run);
}
