using Microsoft.Extensions.DependencyInjection;
using Offpeak.Gemini;

namespace Offpeak;

/// <summary>Adds Google's Gemini Batch API to Offpeak.</summary>
public static class GeminiOffpeak
{
    /// <summary>
    /// Adds Gemini. Settings come from the host's configuration (see <see cref="GeminiOptions.FromConfiguration"/>), then from
    /// <paramref name="configure"/>.
    /// </summary>
    public static OffpeakBuilder AddGemini(this OffpeakBuilder builder, Action<GeminiOptions>? configure = null)
    {
        builder.Services.AddGemini(configure);
        return builder;
    }
}
