using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Gemini.Tests.Support;
using Offpeak.Gemini.Wire;
using Offpeak.Kit.Http;
using Offpeak.Providers;
using Offpeak.TestKit;
using static Offpeak.TestKit.StubHandler;

namespace Offpeak.Gemini.Tests;

public class OptionsTests
{
    [Fact]
    public void Environment_names_are_read_through_configuration()
    {
        var options = GeminiOptions.FromConfiguration(Configuration(("GEMINI_API_KEY", " k1 "), ("GEMINI_BASE_URL", "http://localhost:1")));
        Assert.Equal("k1", options.ApiKey);
        Assert.Equal("http://localhost:1", options.BaseUrl);
    }

    [Fact]
    public void The_section_wins_over_the_environment_names()
    {
        var options = GeminiOptions.FromConfiguration(Configuration(
            ("GEMINI_API_KEY", "k1"), ("Offpeak:Gemini:ApiKey", "k2"), ("Offpeak:Gemini:CreateTimeout", "00:00:05")));
        Assert.Equal("k2", options.ApiKey);
        Assert.Equal(TimeSpan.FromSeconds(5), options.CreateTimeout);
        Assert.Equal(GeminiOptions.DefaultBaseUrl, options.BaseUrl);
    }

    [Fact]
    public void AddGemini_registers_one_provider_with_the_configured_key()
    {
        using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(Configuration(("GEMINI_API_KEY", "k1")))
            .AddGemini(options => options.Name = "dialect")
            .BuildServiceProvider();
        var provider = Assert.Single(services.GetServices<IBatchProvider>());
        Assert.Equal("dialect", provider.Name);
        Assert.Equal("6ab9f1eb", Fingerprint("k1"));
        Assert.Equal(Fingerprint("k1"), provider.KeyFingerprint);
        Assert.Equal(200_000, provider.Capabilities.MaxEntries);
        Assert.Equal(TimeSpan.FromHours(50), provider.Capabilities.MaxAge);
        Assert.False(provider.Capabilities.KeepsPartialResults);
        Assert.All(
            (EntryFormat[])[BatchFormats.File, BatchFormats.Inline(new SubmissionKey("op-x"))],
            format => Assert.True(format.Overhead(1_001) - format.Overhead(1) <= 1_000 * provider.Capabilities.EntryOverheadBytes));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("key\nwith a line feed")]
    public async Task A_missing_or_broken_key_says_what_to_do(string? key)
    {
        var handler = new StubHandler(_ => Json("{}"));
        var provider = Make.Provider(handler, configure: options => options.ApiKey = key);
        var failure = await Make.Failure(() => provider.SubmitAsync(Make.Shard("{}"), default));
        Assert.Equal(ProviderErrorClass.Unauthorized, failure.Class);
        Assert.Contains("GEMINI_API_KEY", failure.Message);
        Assert.Empty(handler.Calls);
    }

    [Theory]
    [InlineData("ftp://x")]
    [InlineData("not a url")]
    public async Task A_broken_base_url_is_refused(string url)
    {
        var provider = Make.Provider(new StubHandler(_ => Json("{}")), configure: options => options.BaseUrl = url);
        Assert.Equal(ProviderErrorClass.Refused, (await Make.Failure(() => provider.GetStatusAsync(Make.Batch(), default))).Class);
    }

    [Fact]
    public void Options_are_copied_and_do_not_print_the_key()
    {
        var options = new GeminiOptions { ApiKey = Make.Key };
        var provider = new GeminiBatchProvider(options);
        options.Name = "changed";
        Assert.Equal("gemini", provider.Name);
        Assert.DoesNotContain(Make.Key, options.ToString());
        Assert.DoesNotContain(Make.Key, System.Text.Json.JsonSerializer.Serialize(options));
        Assert.Null(new GeminiBatchProvider(new GeminiOptions()).KeyFingerprint);
    }

    [Theory]
    [InlineData("echo AIzaCanary0123456789abcdef here")]
    [InlineData("API key not valid: AIzaAAAABBBBCCCCDDDD")]
    public async Task Keys_echoed_by_the_server_are_removed(string message)
    {
        var provider = Make.Provider(_ => Json($$$"""{"error":{"message":"{{{message}}}","code":"{{{message}}}"}}""", 400));
        var failure = await Make.Failure(() => provider.GetStatusAsync(Make.Batch(), default));
        Assert.DoesNotContain("AIza", failure.ToString());
        Assert.DoesNotContain("AIza", failure.ProviderCode);
    }

    [Fact]
    public async Task A_key_in_the_cause_is_not_passed_on()
    {
        var provider = Make.Provider(_ => throw new HttpRequestException("bad header " + Make.Key));
        var failure = await Make.Failure(() => provider.GetStatusAsync(Make.Batch(), default));
        Assert.Null(failure.InnerException);
    }

    [Fact]
    public async Task Long_messages_are_cut_and_control_characters_removed()
    {
        var provider = Make.Provider(_ => Json("{\"error\":{\"message\":\"\\u001b[31m" + new string('a', 5_000) + "\"}}", 400));
        var failure = await Make.Failure(() => provider.GetStatusAsync(Make.Batch(), default));
        Assert.Equal(500, failure.Message.Length);
        Assert.DoesNotContain('\u001b', failure.Message);
    }

    private static string Fingerprint(string key) => new GeminiBatchProvider(new GeminiOptions { ApiKey = key }).KeyFingerprint!;

    private static IConfiguration Configuration(params (string Name, string Value)[] values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.Select(pair => new KeyValuePair<string, string?>(pair.Name, pair.Value)))
        .Build();
}
