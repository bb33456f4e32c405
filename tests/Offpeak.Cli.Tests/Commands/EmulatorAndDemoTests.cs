using Offpeak.Cli.Tests.Support;

namespace Offpeak.Cli.Tests.Commands;

public sealed class EmulatorAndDemoTests : CliFixture
{
    [Fact]
    public async Task The_emulator_announces_its_address_plays_faults_and_stops_at_a_signal()
    {
        Write("faults.json", """[{ "action": "dropAfterCommit", "on": "createBatch" }]""");
        var emulator = Start("emulator", "--port", "0", "--duration", "0.2", "--faults", "faults.json");
        await Wait.UntilAsync(() => emulator.Out.Contains(" Offpeak__PollSchedule=1s", StringComparison.Ordinal) && emulator.Out.EndsWith('\n'));
        WritePrompts();

        var run = await ShellAsync($"{emulator.Out.Trim()}; offpeak {string.Join(' ', Run())}");
        // As a newcomer would: with nothing but what it prints. The defaults look again after two minutes.
        var begun = TimeProvider.System.GetTimestamp();
        foreach (var provider in (string[])["openai", "anthropic", "gemini", "xai", "azure", "groq", "together", "mistral", "openrouter", "local"])
            (await ShellAsync($"{emulator.Out.Trim()}; offpeak run in.jsonl --model {provider}/m --db {provider}.db --output {provider}.jsonl")).Exits(0);

        Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(100));
        emulator.Signal("INT");

        run.Exits(0).Mentions("3 of 3 entries succeeded");
        (await emulator.WaitAsync()).Exits(0).Mentions("press Ctrl-C to stop");
        Write("faults.json", """[{ "action": "dropAfterCommit", "where": "createBatch" }]""");
        (await OffpeakAsync("emulator", "--faults", "faults.json")).Exits(2).Mentions("The faults in faults.json cannot be read");
        Write("faults.json", """[{ "action": "explode" }]""");
        (await OffpeakAsync("emulator", "--faults", "faults.json")).Exits(2)
            .Mentions("Actions are ").Mentions("dropAfterCommit").Mentions("calls ('on') are ").Mentions("createBatch");
        (await OffpeakAsync("emulator", "--port", Emulator.BaseAddress.Port.ToString())).Exits(2).Mentions("Choose another with --port.");
    }

    [Fact]
    public async Task The_demo_tells_its_story_and_can_be_run_again()
    {
        var demo = (await OffpeakAsync("demo")).Exits(0);
        foreach (var part in new[] { "lost", "SIGKILL", "$", Path.Combine("offpeak-demo", "demo.results.jsonl"), Path.Combine("offpeak-demo", "demo.db"), "1 batch" })
            demo.Mentions(part);
        (await OffpeakAsync("demo", "--folder", "offpeak-demo")).Exits(0);
    }

    [Fact]
    public async Task The_demo_says_where_it_cannot_write() =>
        (await OffpeakAsync("demo", "--folder", "/proc/x")).Exits(2).Says("The demo cannot write its files to /proc/x; name another folder with --folder.");
}
