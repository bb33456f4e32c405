using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Codec;
using Offpeak.OpenAI.Tests.Support;
using Offpeak.Providers;
using Offpeak.TestKit;

namespace Offpeak.OpenAI.Tests.Dialects;

public class EndpointOptionsTests
{
    [Theory]
    [InlineData("groq", ServerDialect.Groq, "GROQ_API_KEY", "https://api.groq.com/openai/v1")]
    [InlineData("together", ServerDialect.Together, "TOGETHER_API_KEY", "https://api.together.xyz/v1")]
    [InlineData("Mistral", ServerDialect.Mistral, "MISTRAL_API_KEY", "https://api.mistral.ai/v1")]
    [InlineData("openrouter", ServerDialect.OpenRouter, "OPENROUTER_API_KEY", "https://openrouter.ai/api/v1")]
    public void Ready_made_names_bring_dialect_key_and_address(string name, ServerDialect dialect, string variable, string url)
    {
        var options = OpenAIOptions.FromConfiguration(Configuration((variable, " k ")), name);
        Assert.Equal((name.ToLowerInvariant(), dialect, "k", url), (options.Name, options.Dialect, options.ApiKey, options.BaseUrl));
        var moved = OpenAIOptions.FromConfiguration(Configuration(($"{name.ToUpperInvariant()}_BASE_URL", "http://localhost:1")), name);
        Assert.Equal("http://localhost:1", moved.BaseUrl);
    }

    [Fact]
    public void Azure_takes_its_own_environment_names()
    {
        var options = OpenAIOptions.FromConfiguration(
            Configuration(("AZURE_OPENAI_API_KEY", "k"), ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com"), ("Offpeak:Endpoints:azure:ApiVersion", "v")), "azure");
        Assert.Equal(("k", "https://r.openai.azure.com", "v"), (options.ApiKey, options.BaseUrl, options.ApiVersion));
    }

    [Fact]
    public void A_name_of_ones_own_is_described_by_its_section()
    {
        var options = OpenAIOptions.FromConfiguration(
            Configuration(
                ("Offpeak:Endpoints:my-box:Dialect", "Together"), ("Offpeak:Endpoints:my-box:BaseUrl", "http://box/v1"),
                ("Offpeak:Endpoints:my-box:Headers:X-Team", "blue"), ("Offpeak:Endpoints:my-box:CompletionWindow", "7d"), ("MY_BOX_API_KEY", "k")),
            "my-box");
        Assert.Equal(
            ("my-box", ServerDialect.Together, "http://box/v1", "k", "7d", "blue"),
            (options.Name, options.Dialect, options.BaseUrl, options.ApiKey, options.CompletionWindow, options.Headers["x-team"]));
    }

    [Fact]
    public async Task Headers_are_sent_and_a_missing_key_names_where_to_set_it()
    {
        HttpRequestMessage? sent = null;
        var options = new OpenAIOptions { ApiKey = Make.Key, Headers = { ["X-Team"] = "blue" } };
        var provider = new OpenAIBatchProvider(options, null, new Seeing(request => sent = request));
        options.Headers["X-Team"] = "changed too late";
        await provider.CancelAsync(Make.Batch(), default);
        Assert.Equal("blue", sent!.Headers.GetValues("X-Team").Single());

        var keyless = new OpenAIBatchProvider(OpenAIOptions.FromConfiguration(Configuration(), "my-box"));
        Assert.Contains("MY_BOX_API_KEY or Offpeak:Endpoints:my-box:ApiKey", (await Make.Failure(() => keyless.CancelAsync(Make.Batch(), default))).Message);
    }

    [Fact]
    public void Each_endpoint_becomes_a_provider_of_its_name()
    {
        var configuration = Configuration(("GROQ_API_KEY", "k"), ("Offpeak:Endpoints:my-box:BaseUrl", "http://box/v1"));
        using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration)
            .AddOffpeak(offpeak => offpeak.AddOpenAIEndpoints(configuration).AddOpenAIEndpoint("azure", options => options.BaseUrl = "https://r"))
            .BuildServiceProvider();
        var registry = new ProviderRegistry(services.GetServices<IBatchProvider>());
        Assert.Equal(["azure", "groq", "mistral", "my-box", "openrouter", "together"], registry.All.Select(provider => provider.Name).Order());
        Assert.Equal([BatchEndpoint.Chat], registry.Get("groq").Capabilities.Endpoints);
    }

    private static IConfigurationRoot Configuration(params (string Name, string Value)[] values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.Select(pair => new KeyValuePair<string, string?>(pair.Name, pair.Value))).Build();

    private sealed class Seeing(Action<HttpRequestMessage> see) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            see(request);
            return Task.FromResult(StubHandler.AsJson("{}"));
        }
    }
}
