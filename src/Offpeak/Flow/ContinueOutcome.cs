namespace Offpeak.Flow;

/// <summary>How an attempt to write a batch's next turns ended.</summary>
internal enum ContinueOutcome
{
    /// <summary>No conversation goes on.</summary>
    Nothing,

    /// <summary>Another worker is at it.</summary>
    UnderWay,

    /// <summary>Every next turn is written.</summary>
    Continued,
}
