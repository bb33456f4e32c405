using Microsoft.Extensions.Configuration;
using Offpeak.Gemini.Wire;
using Offpeak.Kit.Http;
using Offpeak.Providers;
using Offpeak.TestKit;

namespace Offpeak.Gemini.Tests;

public class OptionsTests : OptionsSuite<GeminiOptions>
{
    protected override string Name => "gemini";

    protected override string Spelling => "Gemini";

    protected override string Key => "AIzaCanary0123456789abcdef";

    protected override string StrangerKey => "AIzaAAAABBBBCCCCDDDD";

    [Fact]
    public void The_capabilities_are_Googles()
    {
        var capabilities = Make(new GeminiOptions()).Capabilities;
        Assert.Equal((200_000, TimeSpan.FromHours(50)), (capabilities.MaxEntries, capabilities.MaxAge));
        Assert.All(
            (EntryFormat[])[BatchFormats.File, BatchFormats.Inline(new SubmissionKey("op-x"))],
            format => Assert.True(format.Overhead(1_001) - format.Overhead(1) <= 1_000 * capabilities.EntryOverheadBytes));
    }

    protected override GeminiOptions FromConfiguration(IConfiguration? configuration) => GeminiOptions.FromConfiguration(configuration);

    protected override void Add(OffpeakBuilder builder, Action<GeminiOptions> configure) => builder.AddGemini(configure);

    protected override IBatchProvider Make(GeminiOptions options, HttpMessageHandler? handler = null) => new GeminiBatchProvider(options, handler: handler);
}
