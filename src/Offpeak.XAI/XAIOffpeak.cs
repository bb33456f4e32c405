using Microsoft.Extensions.DependencyInjection;
using Offpeak.XAI;

namespace Offpeak;

/// <summary>Adds xAI's Batch API to Offpeak.</summary>
public static class XAIOffpeak
{
    /// <summary>
    /// Adds xAI. Settings come from the host's configuration (see <see cref="XAIOptions.FromConfiguration"/>), then from
    /// <paramref name="configure"/>.
    /// </summary>
    public static OffpeakBuilder AddXAI(this OffpeakBuilder builder, Action<XAIOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddXAI(configure);
        return builder;
    }
}
