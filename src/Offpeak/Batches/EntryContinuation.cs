namespace Offpeak.Batches;

/// <summary>Why an answered entry goes into the next round, and so what its conversation needs first.</summary>
public enum EntryContinuation
{
    /// <summary>The model called tools, whose results it is to be given.</summary>
    ToolCalls,

    /// <summary>The answer does not match its schema; the model is told why.</summary>
    InvalidAnswer,

    /// <summary>The answer was cut off at the limit on output tokens, which is raised once.</summary>
    OutputLimit,
}
