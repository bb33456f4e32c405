using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Diagnostics;
using Offpeak.Flow;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Queues;
using Offpeak.Simulation.Cloud;
using Offpeak.Simulation.Store;
using Offpeak.Sweeps;

namespace Offpeak.Simulation.World;

/// <summary>One life of one process: the real engine on the world's database, provider, clock and queue, until it crashes.</summary>
internal sealed class SimProcess : IDisposable
{
    private readonly Simulation world;
    private readonly ServiceProvider services;
    private readonly PollProviderBatch poll;

    public SimProcess(Simulation world, int slot, int life)
    {
        this.world = world;
        Slot = slot;
        Owner = $"process {slot}, life {life}";
        services = Build();
        poll = services.GetRequiredService<PollProviderBatch>();
        Client = services.GetRequiredService<BatchClient>();
    }

    public int Slot { get; }

    public string Owner { get; }

    public bool Dead { get; private set; }

    public BatchClient Client { get; }

    /// <summary>As a host does it: every sweep at start-up, the resume sweep without grace, then at its interval.</summary>
    public void Start()
    {
        var resume = services.GetRequiredService<ResumeStalledPolls>();
        Schedule(resume, TimeSpan.Zero, () => resume.RunOnceAsync(TimeSpan.Zero));
        Schedule(services.GetRequiredService<ReconcileSubmissions>(), TimeSpan.Zero);
        Schedule(services.GetRequiredService<SubmitPendingBatches>(), TimeSpan.Zero);
        var expire = services.GetRequiredService<ExpireStuckBatches>();
        Schedule(expire, expire.Interval);
    }

    public Task PollAsync(PollRequest request)
    {
        ThrowIfDead();
        return poll.RunAsync(request, CancellationToken.None);
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

    public void Dispose() => services.Dispose();

    private void Schedule(ISweep sweep, TimeSpan delay, Func<Task>? first = null) => world.At(delay, $"{Owner}: {sweep.Name}", async () =>
    {
        if (Dead)
            return;
        Schedule(sweep, sweep.Interval * (1 + (0.2 * world.Random.NextDouble())));
        if (!world.Happens(Fault.TickSkipped))
            await (first?.Invoke() ?? sweep.RunOnceAsync());
    });

    private ServiceProvider Build()
    {
        var collection = new ServiceCollection();
        collection.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        collection.AddSingleton<TimeProvider>(world.Clock);
        collection.AddSingleton(world.EngineRandom);
        collection.AddSingleton<WorkerIdentity>(new SimIdentity(world, Owner));
        collection.AddSingleton(new FlowProbe { OnReached = Reached });
        collection.AddSingleton<IErrorReporter>(new SimErrorReporter(world));
        collection.AddSingleton<IPollQueue>(new SimPollQueue(world, this));
        collection.AddSingleton<IInterceptor>(new StoreFaults(world, this));
        foreach (var name in (string[])[SimProvider.Usual, SimProvider.Spare])
            collection.AddSingleton<IBatchProvider>(new SimProvider(world, this, name));
        collection.AddSingleton(world);
        collection.AddSingleton(this);
        collection.AddOffpeak(offpeak =>
        {
            offpeak.RunInProcess = false;
            offpeak.UseSqlite(world.Database.Path).Configure(Configure);
            offpeak.AddHandler<PlainHandler>(HandlerDesk.Plain).AddHandler<TransactionalHandler>(HandlerDesk.Transactional);
            if (!world.Happens(Fault.HandlerUnregistered))
                offpeak.AddHandler<PlainHandler>(HandlerDesk.Late);
        });
        return collection.BuildServiceProvider();
    }

    private void Configure(OffpeakOptions options)
    {
        options.MaxConcurrency = 1;
        options.Prices["sim/m1"] = options.Prices["sim/m2"] = new ModelPrice(Input: 1, Output: 1);
        options.IngestChunkSize = world.Plan.IngestChunkSize;
        options.HandlerMaxAttempts = world.Plan.HandlerMaxAttempts;
        options.SubmitInterval = TimeSpan.FromMinutes(6);
        options.ReconcileInterval = TimeSpan.FromMinutes(8);
        options.ResumeInterval = TimeSpan.FromMinutes(10);
        options.ExpireInterval = TimeSpan.FromMinutes(30);
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

        public override bool IsDead(string owner) => world.IsDead(owner);
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
