namespace Offpeak.Providers;

/// <summary>A provider's own word for the state of a batch, kept as it came so that an unknown word survives.</summary>
/// <param name="Value">The raw text; null if the provider sent none.</param>
public readonly record struct ProviderStatus(string? Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value ?? "";
}
