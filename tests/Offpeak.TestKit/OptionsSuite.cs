using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Providers;

namespace Offpeak.TestKit;

/// <summary>What holds for the settings of every provider reached over HTTP.</summary>
/// <typeparam name="TOptions">The provider's settings.</typeparam>
public abstract class OptionsSuite<TOptions>
    where TOptions : HttpProviderOptions
{
    /// <summary>The provider's own name.</summary>
    protected abstract string Name { get; }

    /// <summary>How the provider spells itself in configuration: <c>OpenAI</c>, and <c>OPENAI_</c> in variables.</summary>
    protected abstract string Spelling { get; }

    /// <summary>A key in the provider's form.</summary>
    protected abstract string Key { get; }

    /// <summary>Another key in that form.</summary>
    protected abstract string StrangerKey { get; }

    private string Variable => Name.ToUpperInvariant();

    /// <summary>See the name.</summary>
    [Fact]
    public void Environment_names_are_read_through_configuration()
    {
        var options = FromConfiguration(Configuration(($"{Variable}_API_KEY", " k1 "), ($"{Variable}_BASE_URL", "http://localhost:1/v1")));
        Assert.Equal(("k1", "http://localhost:1/v1"), (options.ApiKey, options.BaseUrl));
    }

    /// <summary>See the name.</summary>
    [Fact]
    public void The_section_wins_over_the_environment_names()
    {
        var options = FromConfiguration(Configuration(
            ($"{Variable}_API_KEY", "k1"), ($"Offpeak:{Spelling}:ApiKey", "k2"), ($"Offpeak:{Spelling}:CreateTimeout", "00:00:05")));
        Assert.Equal(("k2", TimeSpan.FromSeconds(5)), (options.ApiKey, options.CreateTimeout));
        Assert.Equal(FromConfiguration(null).BaseUrl, options.BaseUrl);
    }

    /// <summary>Every setting with a public setter is read from the section: a new one must not be forgotten.</summary>
    [Fact]
    public void Every_setting_is_read_from_the_section()
    {
        foreach (var property in typeof(TOptions).GetProperties().Where(property => property.SetMethod?.IsPublic == true))
        {
            var options = FromConfiguration(Configuration(($"Offpeak:{Spelling}:{property.Name}", SampleOf(property.PropertyType))));
            Assert.False(
                Equals(property.GetValue(FromConfiguration(null)), property.GetValue(options)), $"{property.Name} is not read from the section.");
        }
    }

    /// <summary>See the name.</summary>
    [Fact]
    public void A_value_that_cannot_be_read_is_named_by_its_key_alone()
    {
        var failure = Assert.Throws<OffpeakException>(() => FromConfiguration(Configuration(($"Offpeak:{Spelling}:CreateTimeout", Key))));
        Assert.Equal(OffpeakErrorCode.InvalidInput, failure.Code);
        Assert.Contains($"Offpeak:{Spelling}:CreateTimeout", failure.Message);
        Assert.DoesNotContain(Key, failure.ToString());
    }

    /// <summary>See the name.</summary>
    [Fact]
    public void Adding_it_registers_one_provider_with_the_configured_key()
    {
        var collection = new ServiceCollection().AddSingleton<IConfiguration>(Configuration(($"{Variable}_API_KEY", "k1")));
        collection.AddOffpeak(offpeak => Add(offpeak, options => options.Name = "renamed"));
        using var services = collection.BuildServiceProvider();
        var provider = Assert.Single(services.GetServices<IBatchProvider>());
        Assert.Equal(("renamed", "6ab9f1eb"), (provider.Name, provider.KeyFingerprint));
    }

    /// <summary>See the name.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("key\nwith a line feed")]
    public async Task A_missing_or_broken_key_says_what_to_do(string? key)
    {
        var handler = new StubHandler(_ => StubHandler.AsJson("{}"));
        var failure = await FailureAsync(handler, options => options.ApiKey = key);
        Assert.Equal(ProviderErrorClass.Unauthorized, failure.Class);
        Assert.Contains($"{Variable}_API_KEY", failure.Message);
        Assert.Empty(handler.Calls);
    }

    /// <summary>See the name.</summary>
    [Theory]
    [InlineData("ftp://x")]
    [InlineData("not a url")]
    public async Task A_broken_base_url_is_refused(string url) => Assert.Equal(
        ProviderErrorClass.Unreachable, (await FailureAsync(new StubHandler(_ => StubHandler.AsJson("{}")), options => options.BaseUrl = url)).Class);

    /// <summary>See the name.</summary>
    [Fact]
    public void Options_are_copied_and_do_not_print_the_key()
    {
        var options = FromConfiguration(null);
        Assert.Null(Make(options).KeyFingerprint);
        options.ApiKey = Key;
        var provider = Make(options);
        options.Name = "changed";
        Assert.Equal(Name, provider.Name);
        Assert.DoesNotContain(Key, options.ToString());
        Assert.DoesNotContain(Key, System.Text.Json.JsonSerializer.Serialize(options));
    }

    /// <summary>See the name.</summary>
    [Fact]
    public async Task Keys_echoed_by_the_server_are_removed()
    {
        foreach (var key in (string[])[Key, StrangerKey])
        {
            var failure = await FailureAsync(new StubHandler(_ => StubHandler.AsJson($$$"""{"error":{"message":"Refused: {{{key}}} here","code":"{{{key}}}"}}""", 422)));
            Assert.DoesNotContain(key, failure.ToString());
            Assert.DoesNotContain(key, failure.ProviderCode ?? "");
            Assert.Contains("Refused: [key] here", failure.Message);
        }
    }

    /// <summary>See the name.</summary>
    [Fact]
    public async Task A_key_in_the_cause_is_not_passed_on() =>
        Assert.Null((await FailureAsync(new StubHandler(_ => throw new HttpRequestException("bad header " + Key)))).InnerException);

    /// <summary>See the name.</summary>
    [Fact]
    public async Task Long_messages_are_cut_and_control_characters_removed()
    {
        var failure = await FailureAsync(new StubHandler(_ => StubHandler.AsJson("{\"error\":{\"message\":\"\\u001b[31m" + new string('a', 5_000) + "\"}}", 422)));
        Assert.Equal(500, failure.Message.Length);
        Assert.DoesNotContain('\u001b', failure.Message);
    }

    /// <summary>Settings with an in-memory configuration.</summary>
    protected abstract TOptions FromConfiguration(IConfiguration? configuration);

    /// <summary>Adds the provider to a host.</summary>
    protected abstract void Add(OffpeakBuilder builder, Action<TOptions> configure);

    /// <summary>A provider of these settings.</summary>
    protected abstract IBatchProvider Make(TOptions options, HttpMessageHandler? handler = null);

    private static IConfigurationRoot Configuration(params (string Name, string Value)[] values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.Select(pair => new KeyValuePair<string, string?>(pair.Name, pair.Value)))
        .Build();

    private static string SampleOf(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var plain when plain == typeof(TimeSpan) => "00:00:07",
        var plain when plain == typeof(bool) => "true",
        var plain when plain.IsEnum => Enum.GetNames(plain)[^1],
        var plain when plain == typeof(string) => "http://sample",
        _ => "7",
    };

    private async Task<ProviderException> FailureAsync(HttpMessageHandler handler, Action<TOptions>? configure = null)
    {
        var options = FromConfiguration(null);
        options.ApiKey = Key;
        configure?.Invoke(options);
        var batch = new ProviderBatchRef
        {
            ProviderBatchId = "batches/b1",
            Key = new SubmissionKey("op-test"),
            Model = "m",
            Endpoint = Codec.BatchEndpoint.Chat,
            EntryCount = 2,
        };
        var failure = await Assert.ThrowsAsync<ProviderException>(() => Make(options, handler).GetStatusAsync(batch, default));
        Assert.DoesNotContain(Key, failure.ToString());
        return failure;
    }
}
