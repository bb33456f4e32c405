namespace Offpeak.Batches;

/// <summary>Error codes that Offpeak itself gives to entries and provider batches, beside the providers' own.</summary>
public static class FailureCodes
{
    /// <summary>
    /// The provider batch was given up at its maximum age, after a last look; or what was left of the batch, because its provider was not
    /// registered any more.
    /// </summary>
    public const string GivenUp = "max_age";

    /// <summary>The results did not mention the entry.</summary>
    public const string Missing = "missing_result";

    /// <summary>The provider refused the provider batch as a whole.</summary>
    public const string BatchRefused = "batch_refused";

    /// <summary>The batch was cancelled before the entry ran.</summary>
    public const string Canceled = "canceled";

    /// <summary>The provider's window passed before the entry ran.</summary>
    public const string Expired = "expired";

    /// <summary>The answer does not match its schema, and was asked again as often as allowed.</summary>
    public const string InvalidAnswer = "invalid_answer";

    /// <summary>The model refused to answer; the message is its own sentence.</summary>
    public const string Refused = "refused";

    /// <summary>The provider blocked the prompt or the answer; the message holds its own word for why.</summary>
    public const string ContentFilter = "content_filter";

    /// <summary>The model ended without having said anything.</summary>
    public const string EmptyAnswer = "empty_answer";

    /// <summary>The answer ended at the limit on output tokens before it said what was asked, also after that had been raised if it could be.</summary>
    public const string OutputLimit = "output_limit";

    /// <summary>The model still called tools, or still paused, after the last turn.</summary>
    public const string TurnLimit = "turn_limit";

    /// <summary>The conversation could not be written on.</summary>
    public const string NotContinued = "not_continued";

    /// <summary>The answer is kept, but could not be checked or read.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>Cut into smaller shards, because the provider had no room for it.</summary>
    public const string Split = "split";

    /// <summary>The provider ended it early for want of room; what it had answered counts, and the rest is sent again.</summary>
    public const string NoRoom = "no_room";

    /// <summary>Too few of the batch's canary entries succeeded, so the rest was not sent.</summary>
    public const string Canary = "canary_failed";

    /// <summary>The batch's budget was used up before the entry could be asked again.</summary>
    public const string Budget = "budget_exhausted";
}
