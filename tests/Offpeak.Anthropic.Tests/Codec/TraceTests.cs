using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.AI;
using Offpeak.Codec;

namespace Offpeak.Anthropic.Tests.Codec;

/// <summary>The official client traces its calls; the codec makes none that anybody should see.</summary>
public class TraceTests
{
    [Fact]
    public void Encoding_and_decoding_leave_no_trace()
    {
        var seen = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = seen.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource("offpeak-tests");
        using (var mine = source.StartActivity("mine"))
        {
            Assert.NotNull(mine);
            new AnthropicCodec().Encode("claude-test", BatchEndpoint.Chat, [new(ChatRole.User, "hi")]);
            new AnthropicCodec().Decode(BatchEndpoint.Chat, Encoding.UTF8.GetBytes(DecodeTests.Plain));
        }

        var own = Assert.Single(seen, activity => activity.Source.Name == "offpeak-tests");
        Assert.DoesNotContain(seen, activity => activity.TraceId == own.TraceId && activity != own);
    }
}
