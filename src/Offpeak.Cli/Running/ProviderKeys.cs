using Offpeak.Cli.Input;
using Offpeak.Providers;

namespace Offpeak.Cli.Running;

/// <summary>Whether there is a key for everybody who may be asked. A batch without would be made, and wait for ever.</summary>
internal static class ProviderKeys
{
    /// <exception cref="InputException">There is none for one of them.</exception>
    public static void Check(IEnumerable<IBatchProvider> providers)
    {
        // Who answers from this process may need none.
        var without = providers.FirstOrDefault(provider => provider.KeyFingerprint is null && !provider.Capabilities.AnswersOneByOne);
        if (without is not null)
            throw new InputException($"There is no API key for {without.Name}: set {VariableOf(without.Name)}. Nothing was sent.");
    }

    private static string VariableOf(string provider) =>
        $"{(provider == "azure" ? "AZURE_OPENAI" : provider.ToUpperInvariant().Replace('-', '_').Replace('.', '_'))}_API_KEY";
}
