namespace Offpeak.Providers;

/// <summary>The possible outcomes of <see cref="IBatchProvider.FindAsync"/>.</summary>
public enum FindOutcome
{
    /// <summary>At least one batch carries the key.</summary>
    Found,

    /// <summary>Certainly no listed batch carries the key; lists may lag, so the engine waits out the visibility window before it believes it.</summary>
    Absent,

    /// <summary>The same submission may go on from what was journalled.</summary>
    Resumable,

    /// <summary>The provider gives no way to tell; an operator decides.</summary>
    Unknown,
}
