using System.Text.RegularExpressions;
using Offpeak.Cli.Tests.Support;
using Offpeak.Testing;

namespace Offpeak.Cli.Tests.Running;

public sealed partial class ExitCodeTests : CliFixture
{
    [Fact]
    public async Task Some_refused_entries_make_3_and_say_so()
    {
        WritePrompts();
        Emulator.Answers = request => request.Prompt.Contains("Say 2.", StringComparison.Ordinal) ? EmulatedAnswer.Fail(400, "Not that.", "no") : null;

        var result = (await OffpeakAsync(Run())).Exits(3).Mentions("2 of 3 entries succeeded, 1 failed");

        Assert.Contains("'offpeak retry 1'", result.Error, StringComparison.Ordinal);
        var failed = Results()[1];
        Assert.Equal("failed", failed.GetProperty("status").GetString());
        Assert.Equal("""{"code":"no","message":"Not that."}""", failed.GetProperty("error").GetRawText());
    }

    [Fact]
    public async Task A_batch_that_the_provider_refuses_makes_4_with_its_reason()
    {
        WritePrompts();
        Emulator.Faults.Add(Fault.FailBatch("invalid_json_line", "Line 2 is not good."));

        (await OffpeakAsync(Run())).Exits(4).Mentions("Line 2 is not good.");

        Assert.Equal(1, Emulator.CreateCalls);
    }

    [Fact]
    public async Task An_expired_batch_keeps_what_it_paid_for_and_the_next_round_asks_only_for_the_rest()
    {
        WritePrompts(10);
        Emulator.Faults.Add(Fault.EndBatch("expired", 0.5));

        var result = (await OffpeakAsync(Run("--json"))).Exits(0);

        Assert.Equal(2, result.Json.GetProperty("rounds").GetInt32());
        Assert.Equal([10, 5], Emulator.Batches.Select(batch => batch.EntryCount));
        Assert.Empty(Emulator.Files);
    }

    [Fact]
    public async Task A_batch_that_expires_in_every_round_makes_4_and_retry_goes_on()
    {
        WritePrompts(8);
        Emulator.Faults.Add(Fault.EndBatch("expired", 0.5) with { Times = 3 });

        (await OffpeakAsync(Run())).Exits(4).Mentions("7 of 8 entries succeeded, 1 expired");
        (await OffpeakAsync("retry", "1")).Exits(0).Mentions("1 released");
        (await OffpeakAsync(Run())).Exits(0).Mentions("8 of 8 entries succeeded");
    }

    [Fact]
    public async Task A_cancelled_batch_makes_4_and_keeps_its_answers()
    {
        await StartEmulatorAsync(EmulatorOptions with { BatchDuration = TimeSpan.FromMinutes(10) });
        WritePrompts(2_000);
        var run = Start(Run());
        await Wait.UntilAsync(() => RunningWithAnswers().IsMatch(run.Error));

        // The run may see the provider's confirmation before this command looks.
        var cancel = (await OffpeakAsync("cancel", "1")).Exits(0);
        Assert.Matches("^(Cancellation of batch 1 is under way;|Batch 1 is cancelled.)", cancel.Error);

        (await run.WaitAsync()).Exits(4).Mentions("canceled");
        Assert.Contains(Results(), line => line.GetProperty("status").GetString() == "succeeded");
        (await OffpeakAsync("cancel", "1")).Exits(2).Says("Batch 1 can no longer be cancelled; it is canceled.");
    }

    [Fact]
    public async Task A_budget_that_the_input_alone_exceeds_is_refused_before_anything_is_sent()
    {
        WritePrompts();

        (await OffpeakAsync(Run("--max-cost", "0.000000001"))).Exits(2).Mentions("Nothing was sent. Raise the budget");
        Assert.Empty(Emulator.Requests);
        (await OffpeakAsync(Run("--max-cost", "1"))).Exits(0);
        Write("in.jsonl", """{"prompt":"x"}""");
        (await OffpeakAsync("run", "in.jsonl", "--model", "openai/unheard-of", "--max-cost", "1")).Exits(2).Mentions("The price of openai/unheard-of is not known");
        Assert.Equal(1, Emulator.CreateCalls);
    }

    [Fact]
    public async Task A_used_up_budget_stops_further_rounds_until_it_is_raised()
    {
        WritePrompts(10);
        Emulator.Faults.Add(Fault.EndBatch("expired", 0.5));

        Emulator.Answers = _ => EmulatedAnswer.Say(string.Concat(Enumerable.Repeat("word ", 1_000)));

        (await OffpeakAsync(Run("--max-cost", "0.0001"))).Exits(3).Mentions("5 of 10 entries succeeded, 5 failed").Mentions("with a larger --max-cost, then 'offpeak retry 1");

        Assert.Equal(1, Emulator.CreateCalls);
        Assert.Equal("budget", Results()[^1].GetProperty("error").GetProperty("code").GetString()?.Split('_')[0]);

        Emulator.Faults.Clear();
        (await OffpeakAsync(Run("--max-cost", "1"))).Exits(3).Mentions("5 of 10 entries succeeded, 5 failed");
        (await OffpeakAsync("retry", "1")).Exits(0);
        (await OffpeakAsync(Run("--max-cost", "1"))).Exits(0).Mentions("10 of 10 entries succeeded");
    }

    [GeneratedRegex(@"running: [1-9]\d* of")]
    private static partial Regex RunningWithAnswers();
}
