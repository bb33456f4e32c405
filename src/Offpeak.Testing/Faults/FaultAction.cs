namespace Offpeak.Testing;

// The order matters: calls first, then batches, then lines; Fault asks by range.

/// <summary>What goes wrong. Call actions strike HTTP calls; batch and line actions are dealt to a batch when it is made.</summary>
public enum FaultAction
{
    /// <summary>Call: cuts the connection before the server has done anything.</summary>
    DropBeforeCommit,

    /// <summary>Call: does the work, then cuts the connection instead of answering.</summary>
    DropAfterCommit,

    /// <summary>Call: waits <see cref="Fault.Duration"/> by the emulator's clock, then goes on.</summary>
    Delay,

    /// <summary>Call: answers with <see cref="Fault.StatusCode"/> and does nothing else.</summary>
    Respond,

    /// <summary>Call: adds <c>Retry-After</c> to the ordinary answer.</summary>
    AddRetryAfter,

    /// <summary>Call: promises the whole body and cuts the connection after <see cref="Fault.Bytes"/>.</summary>
    Truncate,

    /// <summary>Call: sends only <see cref="Fault.Bytes"/> of the body and calls that the whole.</summary>
    TruncateCleanly,

    /// <summary>Call: merges <see cref="Fault.Body"/> into the JSON answer; null is written as null.</summary>
    Patch,

    /// <summary>Call: redirects to <see cref="Fault.Location"/> with 307.</summary>
    Redirect,

    /// <summary>Batch: ends as <see cref="Fault.Status"/> after <see cref="Fault.Fraction"/> of its requests.</summary>
    EndBatch,

    /// <summary>Batch: is missing in lists for <see cref="Fault.Duration"/> after its creation.</summary>
    HideFromList,

    /// <summary>Batch: answers single reads with 404 for <see cref="Fault.Duration"/> after its creation.</summary>
    HideFromGet,

    /// <summary>Batch: has an error file of no bytes although nothing failed.</summary>
    EmptyErrorFile,

    /// <summary>Lines: the request is answered with <see cref="Fault.StatusCode"/>; 0 is possible.</summary>
    AnswerLine,

    /// <summary>Lines: the request has no response but an error with <see cref="Fault.Code"/>, such as <c>batch_expired</c>.</summary>
    FailLine,

    /// <summary>Lines: the result line is cut in half and no longer JSON.</summary>
    MalformLine,

    /// <summary>Lines: the result line is written twice.</summary>
    DuplicateLine,

    /// <summary>Lines: a second line for the same request says it failed.</summary>
    ContradictLine,

    /// <summary>Lines: the result line is in no file.</summary>
    OmitLine,

    /// <summary>Lines: the result line carries a custom id that was never sent.</summary>
    RenameLine,

    /// <summary>Lines: all result lines come in another order than the input's.</summary>
    ShuffleLines,
}
