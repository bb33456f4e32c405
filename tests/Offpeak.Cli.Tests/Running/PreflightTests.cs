using System.Text.Json;
using Offpeak.Cli.Tests.Support;
using Offpeak.Testing;

namespace Offpeak.Cli.Tests.Running;

/// <summary>What can be known before the money is spent: estimates, budgets, canaries; and the fallback for what goes wrong after.</summary>
public sealed class PreflightTests : CliFixture
{
    [Fact]
    public async Task Estimate_tells_entries_shards_tokens_and_a_range_of_costs_and_sends_nothing()
    {
        WritePrompts(600);
        Settings["OPENAI_API_KEY"] = null;

        var result = (await OffpeakAsync("estimate", "in.jsonl", "--model", Model, "--json")).Exits(0).Json;

        Assert.Equal((600, 1), (result.GetProperty("entries").GetInt32(), result.GetProperty("shards").GetInt32()));
        Assert.Equal(("o200k_base", true), (result.GetProperty("input_tokens_method").GetString(), result.GetProperty("input_tokens_counted").GetBoolean()));
        Assert.True(result.GetProperty("lowest_cost_usd").GetDecimal() > 0);
        Assert.True(result.GetProperty("highest_cost_usd").GetDecimal() > result.GetProperty("lowest_cost_usd").GetDecimal());
        Assert.Empty(Emulator.Requests);
        Assert.False(File.Exists(PathOf("offpeak.db")));
    }

    [Fact]
    public async Task Estimate_of_a_model_without_a_price_says_unknown_and_never_zero()
    {
        WritePrompts(2);

        var result = (await OffpeakAsync("estimate", "in.jsonl", "--model", "openai/unheard-of")).Exits(0);

        Assert.Contains("Lowest     unknown", result.Out, StringComparison.Ordinal);
        Assert.Contains("about", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Estimate_takes_prices_from_the_configuration()
    {
        WritePrompts(1);
        Settings["Offpeak__Prices__openai/own__Input"] = "1000000";
        Settings["Offpeak__Prices__openai/own__BatchFactor"] = "1";

        var result = (await OffpeakAsync("estimate", "in.jsonl", "--model", "openai/own", "--json")).Exits(0).Json;

        Assert.Equal(result.GetProperty("input_tokens").GetInt32(), result.GetProperty("lowest_cost_usd").GetDecimal());
    }

    [Theory]
    [InlineData("--config .prices.json", null)]
    [InlineData(null, ".prices.json")]
    public async Task A_price_can_be_given_as_the_message_about_it_says(string? option, string? variable)
    {
        WritePrompts(1);
        string[] command = ["run", "in.jsonl", "--model", "openai/own-1.5:latest", "--poll", "50ms", "--max-cost", "1"];
        var refusal = (await OffpeakAsync(command)).Exits(2).Mentions("The price of openai/own-1.5:latest is not known").Mentions("--config").Error;

        Write(".prices.json", refusal[refusal.IndexOf('{', StringComparison.Ordinal)..(refusal.LastIndexOf('}') + 1)]);
        Settings["OFFPEAK_CONFIG"] = variable;

        (await OffpeakAsync([.. command, .. option?.Split(' ') ?? []])).Exits(0);
    }

    [Theory]
    [InlineData("none.json", "There is no configuration file none.json. Check the path.")]
    [InlineData("bad.json", "The configuration file bad.json cannot be read: ")]
    [InlineData("typo.json", "Offpeak:Price is no setting; did you mean Prices?\n")]
    public async Task A_configuration_file_that_cannot_be_used_is_refused(string file, string reason)
    {
        WritePrompts(1);
        Write("bad.json", "{,");
        Write("typo.json", """{"Offpeak":{"Price":{"openai/x":{"Input":1}}}}""");

        (await OffpeakAsync("estimate", "in.jsonl", "--model", Model, "--config", file)).Exits(2).Mentions(reason);
    }

    [Fact]
    public async Task Budget_that_the_input_alone_exceeds_leaves_no_batch_behind()
    {
        WritePrompts(50);

        (await OffpeakAsync(Run("--max-cost", "0.0000001"))).Exits(2).Mentions("over the budget");

        Assert.Equal(0, Scalar("SELECT count(*) FROM offpeak_batches"));
        (await OffpeakAsync(Run("--max-cost", "1"))).Exits(0);
    }

    [Fact]
    public async Task Canary_that_dies_stops_the_rest_with_a_reason()
    {
        WritePrompts(20);
        Emulator.Answers = _ => EmulatedAnswer.Fail(400, "No such parameter.");

        var result = (await OffpeakAsync(Run("--canary", "4"))).Exits(3);

        result.Mentions("Stopped after the canary: 0 of the first 4 entries succeeded");
        Assert.Equal(4, Emulator.Batches.Single().EntryCount);
        Assert.Equal("canary_failed", Results()[10].GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Canary_that_lives_is_followed_by_the_rest()
    {
        WritePrompts(20);

        (await OffpeakAsync(Run("--canary", "4"))).Exits(0).Mentions("20 of 20 entries succeeded");

        Assert.Equal([4, 16], Emulator.Batches.Select(batch => batch.EntryCount));
    }

    [Fact]
    public async Task What_the_provider_leaves_unanswered_goes_to_the_fallback()
    {
        WritePrompts(6);
        Settings["LOCAL_BASE_URL"] = Emulator.OpenAIBaseUrl.ToString();
        Settings["Offpeak__MaxRounds"] = "1";
        Emulator.Answers = request => request.CustomId is null ? EmulatedAnswer.Say("from the fallback")
            : request.Prompt.Contains('3', StringComparison.Ordinal) ? EmulatedAnswer.Fail(503, "Busy.") : EmulatedAnswer.Say("from the batch");

        (await OffpeakAsync(Run("--fallback", "local/llama3"))).Exits(0);

        Assert.Equal(
            ["from the batch", "from the batch", "from the fallback", "from the batch", "from the batch", "from the batch"],
            Results().Select(line => line.GetProperty("text").GetString()));
    }

    [Fact]
    public async Task Answer_that_does_not_match_the_schema_is_asked_again()
    {
        WritePrompts(2);
        Write("schema.json", """{"type":"object","properties":{"size":{"type":"integer"}},"required":["size"],"additionalProperties":false}""");
        var asked = 0;
        Emulator.Answers = request => EmulatedAnswer.Say(
            request.Prompt.Contains("Say 1", StringComparison.Ordinal) && Interlocked.Increment(ref asked) == 1 ? "a text" : """{"size":7}""");

        (await OffpeakAsync(Run("--schema", "schema.json"))).Exits(0);

        Assert.Equal(2, Emulator.Batches.Count);
        Assert.All(Results(), line => Assert.Equal(7, line.GetProperty("output").GetProperty("size").GetInt32()));
    }

    [Theory]
    [InlineData("--canary", "0", "A canary is 1 entry or more")]
    [InlineData("--fallback", "llama3", "write provider/model")]
    [InlineData("--fallback", "nobody/x", "There is no provider 'nobody'")]
    [InlineData("--fallback-after", "soon", "is no time span")]
    [InlineData("--fallback-after", "2h", "but no fallback")]
    public async Task Settings_that_make_no_sense_are_refused(string option, string value, string reason)
    {
        WritePrompts(1);

        (await OffpeakAsync(Run(option, value))).Exits(2).Mentions(reason);
    }

    [Fact]
    public async Task Raw_results_hold_the_providers_own_bodies()
    {
        WritePrompts(1);
        (await OffpeakAsync(Run())).Exits(0);

        var line = JsonDocument.Parse((await OffpeakAsync("results", "1", "--format", "raw")).Exits(0).Out).RootElement;

        Assert.Equal(("e1", "response"), (line.GetProperty("id").GetString(), line.GetProperty("body").GetProperty("object").GetString()));
    }

    [Theory]
    [InlineData("openai/m", "There is no API key for openai: set OPENAI_API_KEY. Nothing was sent.")]
    [InlineData("azure/m", "There is no API key for azure: set AZURE_OPENAI_API_KEY. Nothing was sent.")]
    [InlineData("groq/m", "There is no API key for groq: set GROQ_API_KEY. Nothing was sent.")]
    [InlineData("anthropic/m", "There is no API key for anthropic: set ANTHROPIC_API_KEY. Nothing was sent.")]
    [InlineData("local/m --fallback gemini/m", "There is no API key for gemini: set GEMINI_API_KEY. Nothing was sent.")]
    public async Task A_missing_key_is_said_before_a_batch_is_made(string model, string sentence)
    {
        WritePrompts();
        foreach (var name in (string[])["OPENAI", "AZURE_OPENAI", "GROQ", "ANTHROPIC", "GEMINI"])
            Settings[$"{name}_API_KEY"] = null;

        (await OffpeakAsync(["run", "in.jsonl", "--model", .. model.Split(' ')])).Exits(2).Says(sentence);

        Assert.Equal(0, Scalar("SELECT count(*) FROM offpeak_batches"));
        Assert.Empty(Emulator.Requests);
    }

    [Fact]
    public async Task Results_of_a_batch_that_has_ended_need_no_key()
    {
        WritePrompts();
        (await OffpeakAsync(Run())).Exits(0);
        Settings["OPENAI_API_KEY"] = null;

        (await OffpeakAsync(Run("--output", "again.jsonl"))).Exits(0);
    }
}
