using Offpeak.Cli.Tests.Support;
using Offpeak.Testing;

namespace Offpeak.Cli.Tests.Running;

public sealed class FaultTests : CliFixture
{
    private static readonly Dictionary<string, Fault> Faults = new()
    {
        ["busy"] = Fault.Respond(EmulatorOperation.UploadFile, 429, TimeSpan.FromSeconds(1)),
        ["errors"] = Fault.Respond(EmulatorOperation.GetBatch, 500) with { Times = 5 },
        ["token limit"] = Fault.TokenLimitExceeded(),
        ["token limit at create"] = Fault.TokenLimitExceeded(429),
        ["truncated"] = Fault.Truncate(EmulatorOperation.DownloadFile, 700),
        ["late file ids"] = Fault.CompletedWithoutFiles(2),
        ["unknown status"] = Fault.Patch(EmulatorOperation.GetBatch, """{"status":"pondering"}"""),
        ["not found"] = Fault.Respond(EmulatorOperation.GetBatch, 404),
        ["clean-up"] = Fault.Respond(EmulatorOperation.DeleteFile, 500) with { Times = null },
    };

    public static TheoryData<string> Names => [.. Faults.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Trouble_of_the_provider_passes_without_loss(string name)
    {
        var fault = Faults[name];
        WritePrompts(20);
        Emulator.Faults.Add(fault);

        (await OffpeakAsync(Run())).Exits(0).Mentions("20 of 20 entries succeeded");

        Assert.True(Emulator.Faults.Struck(fault.Action) > 0, name);
        Assert.Equal(name == "clean-up", Emulator.Files.Count > 0);
        Assert.InRange(Emulator.CreateCalls, 1, 2);
    }

    [Fact]
    public async Task Retry_after_is_the_least_that_is_waited()
    {
        WritePrompts();
        Emulator.Faults.Add(Fault.Respond(EmulatorOperation.GetBatch, 429, TimeSpan.FromSeconds(2)));

        (await OffpeakAsync(Run())).Exits(0);

        var polls = Emulator.Requests.Where(request => request.Operation == EmulatorOperation.GetBatch).Select(request => request.At).ToList();
        Assert.True(polls[1] - polls[0] >= TimeSpan.FromSeconds(1.95), $"{polls[1] - polls[0]}");
    }

    [Fact]
    public async Task A_wrong_key_pauses_and_the_right_one_goes_on()
    {
        await StartEmulatorAsync(EmulatorOptions with { ApiKey = "sk-theotherkey01234" });
        WritePrompts();

        (await OffpeakAsync(Run())).Exits(1).Mentions("401").Mentions("Batch 1 is kept: mend that, then run the same command again to go on.");
        Settings["OPENAI_API_KEY"] = "sk-theotherkey01234";
        (await OffpeakAsync(Run())).Exits(0);

        Assert.Equal(1, Emulator.CreateCalls);
    }

    [Fact]
    public async Task Without_a_key_it_says_which_variable_to_set()
    {
        Settings["OPENAI_API_KEY"] = null;
        WritePrompts();

        (await OffpeakAsync(Run())).Exits(2).Mentions("set OPENAI_API_KEY. Nothing was sent.");
    }

    [Fact]
    public async Task An_unreachable_server_is_said_within_seconds_and_the_batch_kept()
    {
        WritePrompts();
        var url = Settings["OPENAI_BASE_URL"];
        Settings["OPENAI_BASE_URL"] = "http://127.0.0.1:1/v1";

        // With the default schedule of minutes.
        (await OffpeakAsync("run", "in.jsonl", "--model", Model)).Exits(1).Mentions("could not be reached").Mentions("check the network and the base URL");
        Settings["OPENAI_BASE_URL"] = url;
        (await OffpeakAsync(Run())).Exits(0);

        Assert.Equal(1, Emulator.CreateCalls);
    }

    [Theory]
    [InlineData("nonsense", "is not an http or https URL")]
    [InlineData("{root}", "check the base URL, which is {root}")]
    [InlineData("{root}/docs", "check the base URL, which is {root}/docs")]
    public async Task A_mistyped_base_url_is_said_with_it_and_the_batch_kept(string mistyped, string expected)
    {
        WritePrompts();
        var url = Settings["OPENAI_BASE_URL"]!;
        var root = new Uri(url).GetLeftPart(UriPartial.Authority);
        Settings["OPENAI_BASE_URL"] = mistyped.Replace("{root}", root, StringComparison.Ordinal);

        (await OffpeakAsync(Run())).Exits(1).Mentions(expected.Replace("{root}", root, StringComparison.Ordinal)).Mentions("is kept");
        Settings["OPENAI_BASE_URL"] = url;
        (await OffpeakAsync(Run())).Exits(0);
    }
}
