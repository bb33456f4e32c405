using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Offpeak.Models;

namespace Offpeak.Tests.Storage;

public sealed class OptionsTests
{
    [Fact]
    public void Bind_reads_every_kind_of_setting_from_the_section()
    {
        var options = Bind(new()
        {
            ["Offpeak:PollSchedule"] = "500ms,1s,2m",
            ["Offpeak:PollGrace"] = "00:00:30",
            ["Offpeak:MaxAge:openai"] = "1.06:00:00",
            ["Offpeak:MaxAge:azure"] = "-00:00:00.001",
            ["Offpeak:MaxRounds"] = "5",
            ["Offpeak:MaxConcurrency:Handlers"] = "2",
            ["Offpeak:MaxEnqueuedTokens:openai/gpt-5"] = "90000",
            ["Offpeak:Models:local/llama3:8b:CanBatch"] = "false",
            ["Offpeak:CleanUpProviderFiles"] = "false",
            ["Offpeak:PurgeAfter"] = "30.00:00:00",
            ["Offpeak:Prices:openai/gpt-5:Input"] = "1.25",
            ["Offpeak:Prices:openai/gpt-5:Output"] = "10",
        });

        Assert.Equal("500ms,1s,2m", options.PollSchedule.ToString());
        Assert.Equal(TimeSpan.FromSeconds(30), options.PollGrace);
        Assert.Equal(TimeSpan.FromHours(30), options.MaxAge["OpenAI"]);
        Assert.Equal(Timeout.InfiniteTimeSpan, options.MaxAge["azure"]);
        Assert.Equal((2, 90_000L, 90_000L), (options.MaxConcurrency.Handlers, options.MaxEnqueuedTokens["openai/gpt-5"], options.MaxEnqueuedTokensOf("OpenAI", "gpt-5")));
        Assert.False(options.Models["local/llama3:8b"].CanBatch);
        Assert.Equal((5, false, TimeSpan.FromDays(30)), (options.MaxRounds, options.CleanUpProviderFiles, options.PurgeAfter));
        Assert.Equal(new ModelPrice(1.25m, null, 10m), options.Prices["openai/gpt-5"]);
    }

    [Fact]
    public void Bind_groups_of_providers_are_theirs_to_read_but_not_a_misspelt_group_of_ours()
    {
        string[] theirs = ["OpenAI:ApiKey", "Anthropic:ApiKey", "Gemini:ApiKey", "XAI:ApiKey", "Local:MaxAttempts", "Acme:Region"];
        Assert.Equal(5, Bind(theirs.Select(name => $"Offpeak:{name}").Append("Offpeak:MaxRounds").ToDictionary(name => name, _ => (string?)"5")).MaxRounds);

        var error = Assert.Throws<OffpeakException>(() => Bind(new() { ["Offpeak:MaxConcurency:Polls"] = "5" }));
        Assert.Contains("did you mean MaxConcurrency?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bind_nothing_gives_the_documented_defaults()
    {
        var options = Bind([]);

        Assert.Equal("1m,2m,5m,10m,30m", options.PollSchedule.ToString());
        Assert.Equal((3, 500, 10, 4), (options.MaxRounds, options.IngestChunkSize, options.HandlerMaxAttempts, options.MaxConcurrency.Polls));
        Assert.Equal(TimeSpan.FromMinutes(2), options.LeaseDuration);
        Assert.Equal(TimeSpan.FromMinutes(2), options.ReconcileVisibilityWindow);
        Assert.Equal((true, null), (options.CleanUpProviderFiles, options.PurgeAfter));
    }

    [Theory]
    [InlineData("ResumeInterval", "00:00:00")]
    [InlineData("ReconcileInterval", "-00:01:00")]
    [InlineData("SubmitInterval", "00:00:00")]
    [InlineData("ExpireInterval", "00:00:00")]
    [InlineData("PurgeInterval", "00:00:00")]
    [InlineData("PurgeInterval", "60.00:00:00")]
    [InlineData("LeaseDuration", "00:00:00")]
    [InlineData("PollGrace", "-00:00:01")]
    [InlineData("ReconcileVisibilityWindow", "-00:00:01")]
    [InlineData("NotFoundWindow", "-00:00:01")]
    [InlineData("PurgeAfter", "-00:00:01")]
    [InlineData("MaxRounds", "0")]
    [InlineData("IngestChunkSize", "0")]
    [InlineData("HandlerMaxAttempts", "-1")]
    [InlineData("MaxConcurrency:Polls", "0")]
    [InlineData("MaxConcurrency:Handlers", "0")]
    [InlineData("MaxEnqueuedTokens:openai", "0")]
    [InlineData("MaxWait", "00:00:00")]
    [InlineData("MaxWait", "10675199.02:48:05.4775807")]
    [InlineData("PollGrace", "10675199.02:48:05.4775807")]
    [InlineData("PurgeAfter", "40000.00:00:00")]
    [InlineData("MaxAge:openai", "40000.00:00:00")]
    [InlineData("MaxAge:openai", "-01:00:00")]
    [InlineData("MaxAge:openai", "00:00:00")]
    [InlineData("Prices:my/model:Input", "-1")]
    public void Validate_names_the_setting_that_cannot_work(string setting, string value)
    {
        var error = Assert.Throws<OptionsValidationException>(() => Bind(new() { [$"Offpeak:{setting}"] = value }));

        Assert.Contains($"Offpeak:{setting} must be", Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PollSchedule", "soon")]
    [InlineData("MaxRounds", "many")]
    public void Bind_text_that_cannot_be_read_names_the_setting(string setting, string value)
    {
        var error = Assert.Throws<OffpeakException>(() => Bind(new() { [$"Offpeak:{setting}"] = value }));

        Assert.Contains($"Offpeak:{setting}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PolGrace", "did you mean PollGrace?")]
    [InlineData("MaxConcurrency:Pols", "did you mean Polls?")]
    [InlineData("Prices:my/model:Inptu", "needs one of Input")]
    [InlineData("Colour", "is no setting")]
    public void Bind_name_that_is_no_setting_is_refused_with_a_suggestion(string setting, string expected)
    {
        var error = Assert.Throws<OffpeakException>(() => Bind(new() { [$"Offpeak:{setting}"] = "1" }));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_all_problems_are_named_at_once()
    {
        var error = Assert.Throws<OptionsValidationException>(
            () => Bind(new() { ["Offpeak:MaxRounds"] = "0", ["Offpeak:MaxConcurrency:Submits"] = "0" }));

        Assert.Equal(2, error.Failures.Count());
    }

    private static OffpeakOptions Bind(Dictionary<string, string?> settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        services.AddOffpeak(offpeak => offpeak.RunWorkers(false).RunSweeps(false));
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<OffpeakOptions>>().Value;
    }
}
