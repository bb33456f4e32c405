using Microsoft.AspNetCore.Builder;
using Offpeak.Testing.Anthropic;

namespace Offpeak.Testing;

/// <summary>Anthropic's messages and message batches under <c>/v1/messages</c>.</summary>
public sealed record EmulatedAnthropic : EmulatedProvider
{
    /// <summary>
    /// The <c>Retry-After</c>, in whole seconds, of a read of a batch that has not ended, which Anthropic sends (10 s there) on a 200.
    /// Zero sends none. Default 1 s.
    /// </summary>
    public TimeSpan PollAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Bytes that the create call may have. Default 256,000,000 (Anthropic docs: Batch processing).</summary>
    public long MaxBatchBytes { get; init; } = 256_000_000;

    internal override void Map(WebApplication app, EmulatorState state) => AnthropicRoutes.Map(app, state, this);
}
