namespace Offpeak.Flow.Submit;

/// <summary>How an attempt to settle a lost submit ended.</summary>
internal enum ReconcileOutcome
{
    /// <summary>Another worker is on it.</summary>
    UnderWay,

    /// <summary>The provider's list may still lag, or it cannot be asked; asked again at the next sweep.</summary>
    StillLooking,

    /// <summary>The provider has it; polling goes on.</summary>
    Adopted,

    /// <summary>Certainly not at the provider: pending again, or cancelled.</summary>
    Released,

    /// <summary>The provider, or the present key, cannot tell.</summary>
    NeedsOperator,
}
