using Microsoft.Extensions.Configuration;
using Offpeak.Providers;
using Offpeak.TestKit;

namespace Offpeak.Anthropic.Tests;

public class OptionsTests : OptionsSuite<AnthropicOptions>
{
    protected override string Name => "anthropic";

    protected override string Spelling => "Anthropic";

    protected override string Key => "sk-ant-canary-0123456789abcdef";

    protected override string StrangerKey => "sk-ant-api03-AAAABBBBCCCCDDDD";

    [Fact]
    public void The_capabilities_are_Anthropics() => Assert.Equal(100_000, Make(new AnthropicOptions()).Capabilities.MaxEntries);

    [Fact]
    public async Task Version_and_beta_features_are_sent_with_every_call()
    {
        var headers = new List<string?>();
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            headers.Add(context.Request.Headers["anthropic-beta"]);
            return LocalServer.WriteJsonAsync(context, "{}");
        });
        await Support.Make.Provider(configure: options => options.BaseUrl = server.Url).GetStatusAsync(Support.Make.Batch(), default);
        await Support.Make.Provider(configure: options => (options.BaseUrl, options.Version, options.Beta) = (server.Url, "2030-01-01", "one,two"))
            .GetStatusAsync(Support.Make.Batch(), default);
        Assert.Equal([null, "one,two"], headers);
        Assert.Equal(["2023-06-01", "2030-01-01"], server.Calls.Select(call => call.Header("anthropic-version")));
        Assert.All(server.Calls, call => Assert.Equal(Support.Make.Key, call.Header("x-api-key")));
    }

    protected override AnthropicOptions FromConfiguration(IConfiguration? configuration) => AnthropicOptions.FromConfiguration(configuration);

    protected override void Add(OffpeakBuilder builder, Action<AnthropicOptions> configure) => builder.AddAnthropic(configure);

    protected override IBatchProvider Make(AnthropicOptions options, HttpMessageHandler? handler = null) => new AnthropicBatchProvider(options, handler: handler);
}
