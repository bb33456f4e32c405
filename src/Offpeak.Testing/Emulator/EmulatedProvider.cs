using Microsoft.AspNetCore.Builder;

namespace Offpeak.Testing;

/// <summary>One provider's API in the emulator, with the settings that only this provider has.</summary>
public abstract record EmulatedProvider
{
    // Closed: what a provider maps its routes onto is no public type.
    internal EmulatedProvider()
    {
    }

    internal abstract void Map(WebApplication app, EmulatorState state);
}
