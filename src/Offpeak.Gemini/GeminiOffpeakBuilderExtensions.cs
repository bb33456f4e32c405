using Offpeak.Gemini;

namespace Offpeak;

/// <summary>Adds Google's Gemini Batch API.</summary>
public static class GeminiOffpeakBuilderExtensions
{
    /// <summary>
    /// Adds Google's Gemini Batch API. Settings come from the host's configuration (see <see cref="GeminiOptions.FromConfiguration"/>), then
    /// from <paramref name="configure"/>. Nothing is sent until the provider is used.
    /// </summary>
    public static OffpeakBuilder AddGemini(this OffpeakBuilder builder, Action<GeminiOptions>? configure = null) =>
        builder.AddProvider(GeminiOptions.FromConfiguration, configure, (options, time) => new GeminiBatchProvider(options, time));
}
