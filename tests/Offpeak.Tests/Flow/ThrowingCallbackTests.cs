using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Offpeak.Flow;
using Offpeak.Kit.Http;
using Offpeak.Storage;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

/// <summary>
/// What a tool, a handler or a chat client has registered on its token, such as <c>token.Register(() => process.Kill())</c>, may throw. Limits
/// that are cancelled by a timer let it out of the timer's thread: nobody catches it there, and the process is gone.
/// </summary>
public sealed class ThrowingCallbackTests
{
    [Fact]
    public async Task What_a_tool_has_registered_may_throw_when_its_time_is_over()
    {
        await using var engine = await ChatAnswers.StartAsync(
            request => ChatAnswers.Roles(request).Last() == "tool" ? ChatAnswers.Say("done") : ChatAnswers.Call("slow", "{}"),
            build: offpeak => offpeak.AddTool(AIFunctionFactory.Create(SlowAsync, "slow")));
        var id = await engine.SubmitAsync(new NewBatch("fake/model-1") { MaxTurns = 2 }, NewEntry.FromPrompt("a", "hi"));
        engine.Provider.Set(Providers.ProviderBatchState.Ended);
        var poll = engine.PollAsync(id);
        Exception? thrown = null;
        for (var step = 0; step < 50 && !poll.IsCompleted; step++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            thrown ??= Record.Exception(() => engine.Time.Advance(TimeSpan.FromSeconds(30)));
        }

        await poll;
        // Here it comes out of Advance; with the system's clock it comes out of a timer's thread.
        Assert.Null(thrown);
        Assert.Contains(engine.Reports, report => report.Exception.ToString().Contains("No process", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_work_has_registered_may_throw_when_its_lease_runs_out()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        var (_, lease) = (await engine.Get<Leases>().TryTakeAsync(await engine.ShardAsync(id), CancellationToken.None))!.Value;
        engine.Hooks.OnVerb = verb => _ = verb == nameof(IOffpeakStore.RenewLeaseAsync) ? throw new TimeoutException() : verb;
        var work = lease.RunAsync(SlowAsync, CancellationToken.None);

        engine.Time.Advance(lease.Duration);

        await Assert.ThrowsAsync<LeaseLostException>(() => work);
        Assert.Contains(engine.Reports, report => report.Exception.ToString().Contains("No process", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_work_has_registered_may_throw_when_its_lease_is_anothers()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        var (_, lease) = (await engine.Get<Leases>().TryTakeAsync(await engine.ShardAsync(id), CancellationToken.None))!.Value;
        await engine.ExecuteAsync("UPDATE offpeak_shards SET lease_owner = 'thief';");
        var work = lease.RunAsync(SlowAsync, CancellationToken.None);

        engine.Time.Advance(lease.Duration / 3);

        await Assert.ThrowsAsync<LeaseLostException>(() => work);
        Assert.Contains(engine.Reports, report => report.Exception.ToString().Contains("No process", StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_call_has_registered_may_throw_when_its_time_is_over()
    {
        var time = new FakeTimeProvider();
        using var limit = new IdleLimit(TimeSpan.FromMinutes(1), time, CancellationToken.None);
        limit.Token.Register(() => throw new InvalidOperationException("No process is associated with this object."));

        time.Advance(TimeSpan.FromMinutes(1));

        Assert.True(limit.Token.IsCancellationRequested);
    }

    private static async Task<string> SlowAsync(CancellationToken token)
    {
        // As Process.Kill does for a process that has ended.
        token.Register(() => throw new InvalidOperationException("No process is associated with this object."));
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        return "never";
    }
}
