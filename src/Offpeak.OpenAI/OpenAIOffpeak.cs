using Microsoft.Extensions.DependencyInjection;
using Offpeak.OpenAI;

namespace Offpeak;

/// <summary>Adds OpenAI's Batch API to Offpeak.</summary>
public static class OpenAIOffpeak
{
    /// <summary>
    /// Adds OpenAI, or another server that speaks its dialect. Settings come from the host's configuration (see
    /// <see cref="OpenAIOptions.FromConfiguration"/>), then from <paramref name="configure"/>.
    /// </summary>
    public static OffpeakBuilder AddOpenAI(this OffpeakBuilder builder, Action<OpenAIOptions>? configure = null)
    {
        builder.Services.AddOpenAI(configure);
        return builder;
    }
}
