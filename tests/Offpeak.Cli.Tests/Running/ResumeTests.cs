using Offpeak.Cli.Tests.Support;
using Offpeak.Testing;

namespace Offpeak.Cli.Tests.Running;

public sealed class ResumeTests : CliFixture
{
    [Fact]
    public async Task The_same_command_submits_once_and_another_is_another_batch()
    {
        WritePrompts();

        (await OffpeakAsync(Run())).Exits(0);
        (await OffpeakAsync(Run("--output", "again.jsonl", "--name", "other"))).Exits(0).Mentions("Going on with batch 1");
        Assert.Equal(1, Emulator.CreateCalls);
        Assert.Equal(File.ReadAllText(PathOf("in.results.jsonl")), File.ReadAllText(PathOf("again.jsonl")));

        (await OffpeakAsync(Run("--system", "Be brief."))).Exits(0);
        (await OffpeakAsync(Run("--new"))).Exits(0);
        (await OffpeakAsync("run", "in.jsonl", "--model", "openai/gpt-5-mini", "--poll", "50ms")).Exits(0);
        Assert.Equal(4, Emulator.CreateCalls);
    }

    [Theory]
    [InlineData("INT", "submitting", EmulatorOperation.UploadFile)]
    [InlineData("INT", "submitting", EmulatorOperation.CreateBatch)]
    [InlineData("TERM", "running", EmulatorOperation.GetBatch)]
    [InlineData("INT", "reading results", EmulatorOperation.DownloadFile)]
    [InlineData("KILL", "submitting", EmulatorOperation.CreateBatch)]
    [InlineData("KILL", "reading results", EmulatorOperation.DownloadFile)]
    public async Task Stopped_in_any_phase_the_same_command_goes_on(string signal, string phase, EmulatorOperation during)
    {
        WritePrompts();
        Emulator.Faults.Add(Fault.Delay(during, TimeSpan.FromHours(1)));
        var run = Start(Run());
        await run.SaysAsync(phase);
        await Wait.UntilAsync(() => Emulator.Faults.Struck(FaultAction.Delay) > 0);
        var stopped = TimeProvider.System.GetTimestamp();

        run.Signal(signal);
        var result = await run.WaitAsync();

        TestContext.Current.TestOutputHelper!.WriteLine($"stopped after {TimeProvider.System.GetElapsedTime(stopped).TotalMilliseconds:N0} ms");
        if (signal != "KILL")
            result.Exits(130).Mentions("Run the same command again to go on.");
        (await OffpeakAsync(Run())).Exits(0).Mentions("3 of 3 entries succeeded");
        Assert.Single(Emulator.Batches);
    }

    [Fact]
    public async Task A_lost_reply_is_looked_up_not_repeated()
    {
        WritePrompts();
        Emulator.Faults.Add(Fault.DropAfterCommit(EmulatorOperation.CreateBatch));

        (await OffpeakAsync(Run())).Exits(0);

        Assert.Equal(1, Emulator.CreateCalls);
    }

    [Fact]
    public async Task Two_runs_of_the_same_command_at_once_share_one_batch()
    {
        WritePrompts(2_500);
        var first = Start(Run("--output", "first.jsonl"));
        var second = Start(Run("--output", "second.jsonl"));

        (await first.WaitAsync()).Exits(0);
        (await second.WaitAsync()).Exits(0);

        Assert.Equal(1, Emulator.CreateCalls);
        Assert.Equal(1, Scalar("SELECT count(*) FROM offpeak_batches"));
        Assert.Equal(Enumerable.Range(1, 2_500).Select(n => $"e{n}"), Results("first.jsonl").Select(line => line.GetProperty("id").GetString()));
        Assert.Equal(2_500, Results("second.jsonl").Count);
    }

    [Fact]
    public async Task A_worker_and_a_run_on_one_database_both_end_well()
    {
        (await OffpeakAsync("list")).Exits(0);
        var work = Start("work", "--poll", "50ms");
        await work.SaysAsync("Working on offpeak.db");
        WritePrompts(200);

        (await OffpeakAsync(Run())).Exits(0);
        work.Signal("TERM");

        (await work.WaitAsync()).Exits(0).Mentions("the next worker goes on from here");
        Assert.Equal(1, Emulator.CreateCalls);
    }

    [Fact]
    public async Task Detached_the_worker_collects_and_the_same_command_writes_the_results()
    {
        WritePrompts();
        var detached = (await OffpeakAsync(Run("--detach", "--json"))).Exits(0).Mentions("Batch 1 is accepted");
        Assert.Equal("running", detached.Json.GetProperty("status").GetString());
        Assert.False(File.Exists(PathOf("in.results.jsonl")));
        var work = Start("work", "--poll", "50ms");

        await Wait.UntilAsync(() => Scalar("SELECT count(*) FROM offpeak_batches WHERE status = 'completed'") == 1);
        work.Signal("INT");
        (await work.WaitAsync()).Exits(0);
        (await OffpeakAsync(Run())).Exits(0);

        Assert.Equal(3, Results().Count);
        Assert.Equal(1, Emulator.CreateCalls);
    }
}
