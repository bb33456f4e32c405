namespace Offpeak.Providers;

/// <summary>The outcome of looking for a lost batch.</summary>
public sealed class FindResult
{
    /// <summary>The whole list was read and no batch carries the key.</summary>
    public static readonly FindResult Absent = new(FindOutcome.Absent, []);

    /// <summary>The provider gives no way to tell.</summary>
    public static readonly FindResult Unknown = new(FindOutcome.Unknown, []);

    /// <summary>What was journalled is enough to go on with the same submission without creating a second batch.</summary>
    public static readonly FindResult Resumable = new(FindOutcome.Resumable, []);

    private FindResult(FindOutcome outcome, IReadOnlyList<string> providerBatchIds, bool mayBeMore = false)
    {
        Outcome = outcome;
        ProviderBatchIds = providerBatchIds;
        MayBeMore = mayBeMore;
    }

    /// <summary>Which of the four it is.</summary>
    public FindOutcome Outcome { get; }

    /// <summary>Ids of every batch that carries the key, oldest first; more than one means that a double exists.</summary>
    public IReadOnlyList<string> ProviderBatchIds { get; }

    /// <summary>Whether there are further batches of which the provider cannot tell yet whose they are, because they still run for example.</summary>
    public bool MayBeMore { get; }

    /// <summary>One or more batches carry the key.</summary>
    /// <param name="providerBatchIds">Their ids, oldest first.</param>
    /// <param name="mayBeMore">See <see cref="MayBeMore"/>.</param>
    /// <exception cref="ArgumentException">No id was given.</exception>
    public static FindResult Found(IReadOnlyList<string> providerBatchIds, bool mayBeMore = false) => providerBatchIds.Count > 0
        ? new(FindOutcome.Found, providerBatchIds, mayBeMore)
        : throw new ArgumentException("At least one id is needed.", nameof(providerBatchIds));
}
