namespace Offpeak.Simulation.World;

/// <summary>What another key of the provider sees.</summary>
internal enum KeyChange
{
    /// <summary>There is one key.</summary>
    None,

    /// <summary>A rotated key of the same account: everything.</summary>
    SameAccount,

    /// <summary>Another account's key: nothing of what the first one made.</summary>
    OtherAccount,
}
