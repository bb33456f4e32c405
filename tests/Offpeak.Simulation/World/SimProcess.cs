using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Diagnostics;
using Offpeak.Flow;
using Offpeak.Models;
using Offpeak.Providers;
using Offpeak.Simulation.Cloud;
using Offpeak.Simulation.Store;
using Offpeak.Sqlite;
using Offpeak.Storage;
using Offpeak.Sweeps;
using Offpeak.Work;

namespace Offpeak.Simulation.World;

/// <summary>One life of one process: the real engine on the world's database, provider, clock and queue, until it crashes.</summary>
internal sealed class SimProcess : IDisposable
{
    private readonly Simulation world;
    private readonly SqliteStore database;
    private readonly FaultyStore store;
    private readonly ServiceProvider services;
    private readonly WorkRunner runner;
    private readonly Maintenance maintenance;

    public SimProcess(Simulation world, int slot, int life)
    {
        this.world = world;
        Slot = slot;
        Owner = $"process {slot}, life {life}";
        KnowsEveryHandler = !world.Happens(Fault.HandlerUnregistered);
        HasFirstKey = world.Plan.KeyChange == KeyChange.None || !world.Happens(Fault.KeyRotated);
        // One machine, one database clock; what differs is what each process takes for the time.
        database = new SqliteStore(world.Database.Path, world.StoreClock);
        store = new FaultyStore(database, world, this);
        services = Build(TimeSpan.FromSeconds(world.Plan.MostSkew.TotalSeconds * ((2 * world.Random.NextDouble()) - 1)));
        runner = services.GetRequiredService<WorkRunner>();
        maintenance = services.GetRequiredService<Maintenance>();
        Client = services.GetRequiredService<BatchClient>();
    }

    public int Slot { get; }

    public string Owner { get; }

    public bool KnowsEveryHandler { get; }

    public bool HasFirstKey { get; }

    public bool Dead { get; private set; }

    /// <summary>Whether all of it stands still: its steps, its timers and what its queue delivers.</summary>
    public bool IsSuspended { get; set; }

    public BatchClient Client { get; }

    /// <summary>As a host does it: every sweep at start-up, the resume sweep without grace, then each at its interval.</summary>
    public void Start()
    {
        foreach (var sweep in services.GetServices<ISweep>())
            Schedule(sweep, TimeSpan.Zero, isFirst: true);
    }

    public Task WorkAsync(WorkItem item)
    {
        ThrowIfDead();
        return runner.RunAsync(item, CancellationToken.None);
    }

    public void ThrowIfDead()
    {
        if (Dead)
            throw new SimulatedCrashException(Owner);
    }

    /// <summary>Ends the process where it stands.</summary>
    public void Crash()
    {
        if (!Dead)
        {
            Dead = true;
            world.AfterCrash(this);
        }

        throw new SimulatedCrashException(Owner);
    }

    public void End() => Dead = true;

    public void Dispose()
    {
        services.Dispose();
        database.Dispose();
    }

    private void Schedule(ISweep sweep, TimeSpan delay, bool isFirst) => world.At(
        delay,
        $"{Owner}: {sweep.Name}",
        async () =>
        {
            Schedule(sweep, sweep.Pause() * (1 + (0.2 * world.Random.NextDouble())), isFirst: false);
            if (!world.Happens(Fault.TickSkipped) && await sweep.TryTakeAsync(store, CancellationToken.None))
                await maintenance.RunAsync(sweep, withoutGrace: isFirst, CancellationToken.None);
        },
        this);

    private ServiceProvider Build(TimeSpan skew)
    {
        var collection = new ServiceCollection();
        collection.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        collection.AddSingleton<TimeProvider>(new SimClock(world, this, skew));
        collection.AddSingleton(new Jitter(world.EngineRandom));
        collection.AddSingleton<WorkerIdentity>(new SimIdentity(world, Owner));
        collection.AddSingleton(new FlowProbe { OnReached = Reached });
        collection.AddSingleton<IErrorReporter>(new SimErrorReporter(world));
        collection.AddSingleton<IWorkQueue>(new SimWorkQueue(world, this));
        collection.AddSingleton<IOffpeakStore>(store);
        foreach (var name in (string[])[SimProvider.Usual, SimProvider.Spare])
            collection.AddSingleton<IBatchProvider>(new SimProvider(world, this, name));

        collection.AddSingleton(world);
        collection.AddSingleton(this);
        collection.AddOffpeak(offpeak =>
        {
            offpeak.RunWorkers(false).RunSweeps(false).Configure(Configure);
            offpeak.AddHandler<PlainHandler>(HandlerDesk.Plain).AddHandler<TransactionalHandler>(HandlerDesk.Transactional);
            offpeak.AddTool(AIFunctionFactory.Create(UseTool, SimCodec.Tool));
            if (KnowsEveryHandler)
                offpeak.AddHandler<PlainHandler>(HandlerDesk.Late);
        });
        return collection.BuildServiceProvider();
    }

    private string UseTool()
    {
        world.Pause(this);
        return world.Happens(Fault.ToolFails) ? throw new SimulatedFaultException("The tool fails.") : "done";
    }

    private void Configure(OffpeakOptions options)
    {
        // Steps interleave on one thread here: one that waited for a slot of another would wait for ever.
        var most = options.MaxConcurrency;
        most.Submits = most.Polls = most.Ingests = most.Handlers = most.ToolBatches = most.LocalBatches = 1_000;
        options.ToolConcurrency = 1;
        options.Prices["sim/m1"] = options.Prices["sim/m2"] = options.Prices["spare/m3"] = new ModelPrice(Input: 1_000, Output: 1);
        options.IngestChunkSize = world.Plan.IngestChunkSize;
        options.HandlerMaxAttempts = world.Plan.HandlerMaxAttempts;
        if (world.Plan.MaxEnqueuedTokens is { } tokens)
            options.MaxEnqueuedTokens[SimProvider.Usual] = tokens;

        options.PurgeAfter = world.Plan.PurgeAfter;
        options.MaxWait = Simulation.MaxWait;
        options.SubmitInterval = TimeSpan.FromMinutes(6);
        options.ReconcileInterval = TimeSpan.FromMinutes(8);
        options.ExpireInterval = options.CleanUpInterval = options.PurgeInterval = TimeSpan.FromMinutes(30);
    }

    private void Reached(FlowPoint point)
    {
        world.Coverage.Count(point);
        world.Log($"  . {point}");
        ThrowIfDead();
        if (world.Happens(Fault.CrashAtPoint))
            Crash();
    }

    private sealed class SimIdentity : WorkerIdentity
    {
        private readonly Simulation world;

        public SimIdentity(Simulation world, string owner)
        {
            this.world = world;
            Owner = owner;
        }

        public override bool IsDead(string token) => world.IsDead(token);
    }

    private sealed class SimErrorReporter(Simulation world) : IErrorReporter
    {
        public void Report(Exception exception, string component, long? batchId)
        {
            world.Log($"  reported {exception.GetType().Name} in {component}, batch {batchId}");
            world.Oracle.Expect(exception);
        }
    }
}
