namespace Offpeak.Batches;

/// <summary>Why an answered entry goes into the next round, and so what its conversation needs first.</summary>
public enum EntryContinuation
{
    /// <summary>The model called tools, whose results it is to be given.</summary>
    ToolCalls,

    /// <summary>The answer does not match its schema; the model is told why.</summary>
    InvalidAnswer,

    /// <summary>The answer ended at the limit on output tokens before it said what was asked; the limit is raised once.</summary>
    OutputLimit,

    /// <summary>The model has paused in the middle of its answer, and goes on when it is given what it has said so far.</summary>
    Paused,
}
