using System.Runtime.CompilerServices;
using Offpeak.Anthropic.Calls;
using Offpeak.Anthropic.Wire;
using Offpeak.Codec;
using Offpeak.Kit.Http;
using Offpeak.Providers;

namespace Offpeak.Anthropic;

/// <summary>
/// Anthropic's Message Batches over plain HTTP: no redirect is followed, nothing is sent twice, uploads and downloads stream.
/// </summary>
public sealed class AnthropicBatchProvider : IBatchProvider
{
    private readonly ProviderHttp http;
    private readonly BatchOwners owners = new();
    private readonly CreateGate gate;
    private readonly MessageBatchCreateCall create;
    private readonly MessageBatchStatusCall status;
    private readonly ResultStream results;
    private readonly MessageBatchFollowUpCalls followUps;

    /// <summary>Makes a provider; nothing is sent until a member is called.</summary>
    /// <param name="options">The settings, copied.</param>
    /// <param name="time">The clock for time limits, or null for the system's.</param>
    /// <param name="handler">
    /// Sends the requests in place of the built-in handler, for tests and proxies; it must not follow redirects or retry.
    /// </param>
    public AnthropicBatchProvider(AnthropicOptions options, TimeProvider? time = null, HttpMessageHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options = options.Copy();
        http = new ProviderHttp(HttpSettings(options), time ?? TimeProvider.System, handler);
        gate = new CreateGate(http, options);
        create = new MessageBatchCreateCall(http, options);
        status = new MessageBatchStatusCall(http);
        results = new ResultStream(http, options);
        followUps = new MessageBatchFollowUpCalls(http, status);
    }

    /// <inheritdoc/>
    public string Name => http.Name;

    /// <inheritdoc/>
    public ProviderCapabilities Capabilities => AnthropicCapabilities.Default;

    /// <inheritdoc/>
    public IEntryCodec Codec { get; } = new AnthropicCodec();

    /// <summary>The first 8 hexadecimal digits of the key's SHA-256, or null without a key.</summary>
    public string? KeyFingerprint => http.KeyFingerprint;

    /// <inheritdoc/>
    public async Task<ProviderReceipt> SubmitAsync(Submission submission, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(submission);
        using var turn = await gate.EnterAsync(cancellationToken);
        var receipt = await create.SendAsync(submission, cancellationToken);
        owners.Note(receipt.ProviderBatchId, submission.Key);
        return receipt;
    }

    /// <summary>
    /// Looks for a lost batch by time and size, and knows it by the wire ids in its results: a batch carries no key. While one that fits
    /// still runs, the answer is <see cref="FindOutcome.Unknown"/>.
    /// </summary>
    public Task<FindResult> FindAsync(FindRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new MessageBatchSearch(http, new BatchRecognition(owners, results), request).RunAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ProviderSnapshot> GetStatusAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        owners.Note(batch.ProviderBatchId, batch.Key);
        return status.SendAsync(batch.ProviderBatchId, cancellationToken);
    }

    /// <summary>Streams the results. They are asked for by the batch's id, so that no URL out of an answer is ever followed.</summary>
    public async IAsyncEnumerable<ProviderResult> ReadResultsAsync(
        ProviderBatchRef batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        await foreach (var result in results.ReadAsync(batch.ProviderBatchId, cancellationToken))
            yield return result;
    }

    /// <inheritdoc/>
    public Task CancelAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return followUps.CancelAsync(batch.ProviderBatchId, cancellationToken);
    }

    /// <summary>Deletes the batch, and with it the requests and results that Anthropic would keep for 29 days.</summary>
    public Task CleanUpAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return followUps.DeleteAsync(batch.ProviderBatchId, cancellationToken);
    }

    private static ProviderHttpSettings HttpSettings(AnthropicOptions options) => ProviderHttpSettings.Of(
        options,
        "ANTHROPIC_API_KEY",
        (request, key) =>
        {
            request.Headers.TryAddWithoutValidation("x-api-key", key);
            request.Headers.TryAddWithoutValidation("anthropic-version", options.Version);
            if (!string.IsNullOrWhiteSpace(options.Beta))
                request.Headers.TryAddWithoutValidation("anthropic-beta", options.Beta);
        }) with
    {
        KeyPrefixes = ["sk-"],
        Classify = AnthropicErrorWords.Classify,
    };
}
