namespace Offpeak.XAI.Calls;

/// <summary>Names under which the progress of a submission is journalled.</summary>
internal static class ProgressNames
{
    /// <summary>The batch that entries are being added to.</summary>
    public const string Batch = "batch_id";

    /// <summary>How many entries, in order, xAI has confirmed.</summary>
    public const string Appended = "appended";

    /// <summary>Set before the first create call: from then on a batch of that name may exist.</summary>
    public const string CreateBegun = "create_begun";

    /// <summary>Why xAI took no further entries: the batch was cancelled for that, and keeps the answers to those that were in it.</summary>
    public const string Refused = "refused";
}
