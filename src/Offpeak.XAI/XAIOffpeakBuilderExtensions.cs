using Offpeak.XAI;

namespace Offpeak;

/// <summary>Adds xAI's Batch API.</summary>
public static class XAIOffpeakBuilderExtensions
{
    /// <summary>
    /// Adds xAI's Batch API. Settings come from the host's configuration (see <see cref="XAIOptions.FromConfiguration"/>), then
    /// from <paramref name="configure"/>. Nothing is sent until the provider is used.
    /// </summary>
    public static OffpeakBuilder AddXAI(this OffpeakBuilder builder, Action<XAIOptions>? configure = null) =>
        builder.AddProvider(XAIOptions.FromConfiguration, configure, (options, time) => new XAIBatchProvider(options, time));
}
