namespace Offpeak;

/// <summary>What an <see cref="OffpeakException"/> is about. Backed by text, so that packages may add their own.</summary>
/// <param name="Value">The text.</param>
public readonly record struct OffpeakErrorCode(string Value)
{
    /// <summary>No batch has this id.</summary>
    public static readonly OffpeakErrorCode BatchNotFound = new("batch_not_found");

    /// <summary>The batch was already submitted, or is in another state that does not allow the call.</summary>
    public static readonly OffpeakErrorCode InvalidState = new("invalid_state");

    /// <summary>Two entries of one batch have the same custom id.</summary>
    public static readonly OffpeakErrorCode DuplicateCustomId = new("duplicate_custom_id");

    /// <summary>Another batch has the input key.</summary>
    public static readonly OffpeakErrorCode InputKeyTaken = new("input_key_taken");

    /// <summary>A batch without entries cannot be submitted.</summary>
    public static readonly OffpeakErrorCode EmptyBatch = new("empty_batch");

    /// <summary>An entry or setting is not acceptable; the message names it.</summary>
    public static readonly OffpeakErrorCode InvalidInput = new("invalid_input");

    /// <summary>No provider of this name is registered.</summary>
    public static readonly OffpeakErrorCode UnknownProvider = new("unknown_provider");

    /// <summary>The database cannot be used: unreadable, not ours, or made by a newer version.</summary>
    public static readonly OffpeakErrorCode Database = new("database");

    /// <summary>A provider call failed.</summary>
    public static readonly OffpeakErrorCode Provider = new("provider");

    /// <summary>The budget does not allow it.</summary>
    public static readonly OffpeakErrorCode Budget = new("budget");

    /// <summary>Another worker has taken over.</summary>
    public static readonly OffpeakErrorCode LeaseLost = new("lease_lost");

    /// <inheritdoc/>
    public override string ToString() => Value ?? "";
}
