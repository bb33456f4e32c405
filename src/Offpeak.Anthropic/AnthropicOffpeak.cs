using Microsoft.Extensions.DependencyInjection;
using Offpeak.Anthropic;

namespace Offpeak;

/// <summary>Adds Anthropic's Message Batches to Offpeak.</summary>
public static class AnthropicOffpeak
{
    /// <summary>
    /// Adds Anthropic. Settings come from the host's configuration (see <see cref="AnthropicOptions.FromConfiguration"/>), then from
    /// <paramref name="configure"/>.
    /// </summary>
    public static OffpeakBuilder AddAnthropic(this OffpeakBuilder builder, Action<AnthropicOptions>? configure = null)
    {
        builder.Services.AddAnthropic(configure);
        return builder;
    }
}
