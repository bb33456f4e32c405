using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.PublicDoor.Tests.Fixture;
using Offpeak.Work;

namespace Offpeak.PublicDoor.Tests;

/// <summary>A host without workers and sweeps of Offpeak's takes a batch to its end by whatever it has itself.</summary>
public sealed class DrivingTests
{
    private static readonly string[] Prompts = ["alpha", "beta", "gamma", "delta", "epsilon"];

    private readonly ListeningHandler.Notes notes = [];

    [Fact]
    public async Task Sweeps_on_the_hosts_own_timer_take_a_batch_to_its_end()
    {
        await using var door = await Door.OpenAsync(Listen);
        var batch = await SubmitAsync(door);

        await door.EveryMinuteAsync(TimeSpan.FromHours(3), OnTimer(door), () => IsHandledAsync(door, batch.Id));

        await VerifyAsync(door, batch.Id);
    }

    [Fact]
    public async Task Ticks_alone_take_a_batch_to_its_end()
    {
        await using var door = await Door.OpenAsync(Listen);
        var batch = await SubmitAsync(door);

        await door.EveryMinuteAsync(TimeSpan.FromHours(1), () => door.Maintenance.TickAsync(), () => IsHandledAsync(door, batch.Id));

        await VerifyAsync(door, batch.Id);
    }

    [Fact]
    public async Task A_tick_says_what_it_did_and_nothing_is_left_for_the_next()
    {
        await using var door = await Door.OpenAsync();
        await door.SubmitAsync(Prompts);

        var first = await door.Maintenance.TickAsync();
        var second = await door.Maintenance.TickAsync();

        Assert.True(first.Work > 0);
        Assert.Equal(0, first.Sweeps.Failed);
        Assert.Equal(0, second.Work);
    }

    [Fact]
    public async Task An_hourly_tick_that_comes_a_moment_early_runs_the_hourly_sweeps_all_the_same()
    {
        await using var door = await Door.OpenAsync(offpeak => offpeak.Configure(options =>
        {
            options.PurgeAfter = TimeSpan.FromMinutes(1);
            options.PurgeInterval = TimeSpan.FromHours(1);
        }));
        var next = door.Time.GetUtcNow() + TimeSpan.FromHours(1) - TimeSpan.FromSeconds(1);
        await door.Maintenance.TickAsync();
        var batch = await door.SubmitAsync(Prompts);
        await door.TickToEndAsync(batch.Id);
        Assert.NotNull(await door.Client.FindAsync(batch.Id));

        door.Time.SetUtcNow(next);
        await door.Maintenance.TickAsync();

        Assert.Null(await door.Client.FindAsync(batch.Id));
    }

    [Fact]
    public async Task A_tick_tells_of_a_handler_that_throws_until_it_succeeds()
    {
        var failing = new FailingHandler.Switch { IsOn = true };
        await using var door = await Door.OpenAsync(offpeak =>
        {
            offpeak.Services.AddSingleton(failing);
            offpeak.AddHandler<FailingHandler>("failing");
        });
        var batch = await door.SubmitAsync(Prompts, "failing");

        var tick = default(TickResult);
        await door.EveryMinuteAsync(TimeSpan.FromHours(1), async () => tick = await door.Maintenance.TickAsync(), () => Task.FromResult(tick.HasTrouble));

        Assert.True((await door.Client.FindAsync(batch.Id))!.IsTerminal);
        Assert.Equal((0, 1), (tick.Failed, tick.FailedHandlers));
        failing.IsOn = false;
        await door.EveryMinuteAsync(TimeSpan.FromHours(1), async () => tick = await door.Maintenance.TickAsync(), () => Task.FromResult(!tick.HasTrouble));
        Assert.NotNull((await door.Client.FindAsync(batch.Id))!.Handler!.SucceededAt);
    }

    [Fact]
    public async Task A_queue_of_the_hosts_needs_no_sweep_while_it_loses_nothing()
    {
        LossyQueue? queue = null;
        await using var door = await Door.OpenAsync(offpeak => Queue(offpeak, _ => 1, made => queue = made));
        var batch = await SubmitAsync(door, losesReply: false);

        await door.EveryMinuteAsync(TimeSpan.FromHours(1), () => queue!.DeliverAsync(door.Get<WorkRunner>()), () => IsHandledAsync(door, batch.Id));

        await VerifyAsync(door, batch.Id);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_queue_that_loses_and_doubles_is_repaired_by_the_sweeps(int lostOneOf)
    {
        LossyQueue? queue = null;
        await using var door = await Door.OpenAsync(offpeak => Queue(offpeak, number => number % lostOneOf == 0 ? 0 : 2, made => queue = made));
        var batch = await SubmitAsync(door);
        var sweep = OnTimer(door);

        await door.EveryMinuteAsync(
            TimeSpan.FromHours(6),
            async () =>
            {
                await queue!.DeliverAsync(door.Get<WorkRunner>());
                await sweep();
            },
            () => IsHandledAsync(door, batch.Id));

        await VerifyAsync(door, batch.Id);
        Assert.True(queue!.Taken > 3);
    }

    [Fact]
    public void Every_sweep_is_in_the_list()
    {
        string[] all =
        [
            "reconcile_submissions", "submit_pending_batches", "resume_stalled_polls", "expire_stuck_batches", "clean_up_provider_files", "purge_old_batches",
        ];

        Assert.Equal(all, SweepName.All.Select(sweep => sweep.Value));
    }

    // What a host's scheduler does: each sweep at its interval, in the order of the list.
    private static Func<Task> OnTimer(Door door)
    {
        var next = door.Maintenance.Sweeps.ToDictionary(sweep => sweep, _ => door.Time.GetUtcNow());
        return async () =>
        {
            foreach (var sweep in door.Maintenance.Sweeps.Where(sweep => next[sweep] <= door.Time.GetUtcNow()))
            {
                await door.Maintenance.RunAsync(sweep);
                next[sweep] = door.Time.GetUtcNow() + door.Maintenance.IntervalOf(sweep);
            }
        };
    }

    private void Listen(OffpeakBuilder offpeak)
    {
        offpeak.Services.AddSingleton(notes);
        offpeak.AddHandler<ListeningHandler>(ListeningHandler.Name);
    }

    private void Queue(OffpeakBuilder offpeak, Func<int, int> copiesOf, Action<LossyQueue> made)
    {
        Listen(offpeak);
        offpeak.Services.AddSingleton<IWorkQueue>(services =>
        {
            var queue = new LossyQueue(services.GetRequiredService<TimeProvider>(), copiesOf);
            made(queue);
            return queue;
        });
    }

    // Whatever drives it has a second round to open, and a reply that was lost to look for.
    private static async Task<BatchInfo> SubmitAsync(Door door, bool losesReply = true)
    {
        door.Server.IsBusyOnceFor("beta");
        door.Server.AfterCreate = () =>
        {
            door.Server.AfterCreate = null;
            if (losesReply)
                throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection broke.");
        };
        return await door.SubmitAsync(Prompts, ListeningHandler.Name);
    }

    private static async Task<bool> IsHandledAsync(Door door, long batchId) =>
        (await door.Client.GetAsync(batchId)).Batch.Handler!.SucceededAt is not null;

    private async Task VerifyAsync(Door door, long batchId)
    {
        var (batch, shards, counts) = await door.Client.GetAsync(batchId);
        Assert.Equal(BatchStatus.Completed, batch.Status);
        Assert.Equal(Prompts.Length, counts.Succeeded);
        Assert.Equal(Prompts.ToDictionary(prompt => prompt, prompt => (string?)prompt.ToUpperInvariant()), await door.ReadTextsAsync(batchId));
        Assert.Equal(["b-1", "b-2"], shards.Select(shard => shard.ProviderBatchId));
        Assert.Equal(2, door.Server.Batches.Count);
        Assert.Equal([$"completion {batchId}", $"success {batchId}"], notes);
    }
}
