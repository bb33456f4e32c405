using Offpeak.Testing.Dialects;
using Offpeak.Testing.Gemini;

namespace Offpeak.Testing;

/// <summary>The one place that names every provider.</summary>
internal static class StandardProviders
{
    private static readonly IReadOnlyList<EmulatedProvider> All =
        [new EmulatedOpenAI(), new EmulatedAnthropic(), new EmulatedGemini(), new EmulatedXAI(), new EmulatedDialects()];

    /// <summary>All providers, each as given or else as it is by default.</summary>
    public static IEnumerable<EmulatedProvider> With(IReadOnlyList<EmulatedProvider> given) =>
        All.Select(standard => given.LastOrDefault(provider => provider.GetType() == standard.GetType()) ?? standard);
}
