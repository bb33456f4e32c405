using Microsoft.Extensions.Configuration;
using Offpeak.Providers;
using Offpeak.TestKit;

namespace Offpeak.OpenAI.Tests;

public class OptionsTests : OptionsSuite<OpenAIOptions>
{
    protected override string Name => "openai";

    protected override string Spelling => "OpenAI";

    protected override string Key => "sk-canary-0123456789abcdef";

    protected override string StrangerKey => "sk-proj-AAAABBBBCCCCDDDD";

    [Fact]
    public void The_capabilities_are_OpenAIs() => Assert.Equal(50_000, Make(new OpenAIOptions()).Capabilities.MaxEntries);

    protected override OpenAIOptions FromConfiguration(IConfiguration? configuration) => OpenAIOptions.FromConfiguration(configuration);

    protected override void Add(OffpeakBuilder builder, Action<OpenAIOptions> configure) => builder.AddOpenAI(configure);

    protected override IBatchProvider Make(OpenAIOptions options, HttpMessageHandler? handler = null) => new OpenAIBatchProvider(options, handler: handler);
}
