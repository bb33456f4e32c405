using Offpeak.Anthropic;

namespace Offpeak;

/// <summary>Adds Anthropic's Message Batches.</summary>
public static class AnthropicOffpeakBuilderExtensions
{
    /// <summary>
    /// Adds Anthropic's Message Batches. Settings come from the host's configuration (see <see cref="AnthropicOptions.FromConfiguration"/>), then
    /// from <paramref name="configure"/>. Nothing is sent until the provider is used.
    /// </summary>
    public static OffpeakBuilder AddAnthropic(this OffpeakBuilder builder, Action<AnthropicOptions>? configure = null) =>
        builder.AddProvider(AnthropicOptions.FromConfiguration, configure, (options, time) => new AnthropicBatchProvider(options, time));
}
