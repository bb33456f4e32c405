using Offpeak.Codec;

namespace Offpeak.Providers;

/// <summary>
/// A provider's Batch API. One instance serves one account; all members may be called concurrently.
/// Failures are thrown as <see cref="ProviderException"/>, whose class tells the engine what to do next.
/// </summary>
public interface IBatchProvider
{
    /// <summary>The name used in <c>provider/model</c>, lower case, for example <c>openai</c>.</summary>
    string Name { get; }

    /// <summary>Limits and behaviour of the provider, as data.</summary>
    ProviderCapabilities Capabilities { get; }

    /// <summary>Encodes entries for this provider and reads its answers.</summary>
    IEntryCodec Codec { get; }

    /// <summary>The part of <see cref="Codec"/> that knows embeddings, or null if this provider has none to batch.</summary>
    IEmbeddingCodec? EmbeddingCodec => Codec as IEmbeddingCodec;

    /// <summary>A short one-way fingerprint of the key in use, or null without a key. Never the key itself.</summary>
    string? KeyFingerprint { get; }

    /// <summary>
    /// Hands a shard to the provider. Ids are journalled as they become known, <see cref="Submission.BeginCreateAsync"/> is awaited
    /// right before the one create call, and that call is never repeated.
    /// </summary>
    /// <remarks>
    /// The members of <see cref="Submission"/> may throw <see cref="LeaseLostException"/>: another worker has the shard now. It must pass
    /// through as it is, also out of the middle of an upload, because it says nothing about the provider.
    /// </remarks>
    /// <exception cref="ProviderException">
    /// With <see cref="ProviderErrorClass.OutcomeUnknown"/> if the create call may have reached the provider; with any other class the
    /// provider certainly holds no batch, or one whose journalled id the next attempt goes on with.
    /// </exception>
    /// <exception cref="LeaseLostException">A member of the submission threw it.</exception>
    Task<ProviderReceipt> SubmitAsync(Submission submission, CancellationToken cancellationToken);

    /// <summary>Looks for batches that an earlier <see cref="SubmitAsync"/> with the same key may have left behind.</summary>
    Task<FindResult> FindAsync(FindRequest request, CancellationToken cancellationToken);

    /// <summary>Asks for the state of a batch. A read; repeating it is harmless.</summary>
    Task<ProviderSnapshot> GetStatusAsync(ProviderBatchRef batch, CancellationToken cancellationToken);

    /// <summary>
    /// Streams whatever results the provider has, in any order. May be called again after a failure; then it starts over.
    /// </summary>
    IAsyncEnumerable<ProviderResult> ReadResultsAsync(ProviderBatchRef batch, CancellationToken cancellationToken);

    /// <summary>
    /// Asks the provider to stop. A batch that is already terminal is not an error. Cancelling is a request: the state follows by polling.
    /// </summary>
    Task CancelAsync(ProviderBatchRef batch, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes the batch's files at the provider, also those of earlier attempts (<see cref="Journal.AllOf"/>). Files that are already gone are
    /// not an error.
    /// </summary>
    Task CleanUpAsync(ProviderBatchRef batch, CancellationToken cancellationToken);

    /// <summary>
    /// Stops and deletes whatever an interrupted <see cref="SubmitAsync"/> left behind (a half-filled batch, an input file), because it will
    /// not be gone on with; also what attempts before it left (<see cref="Journal.AllOf"/>). Does nothing by default.
    /// </summary>
    Task AbandonAsync(FindRequest request, CancellationToken cancellationToken) => Task.CompletedTask;
}
