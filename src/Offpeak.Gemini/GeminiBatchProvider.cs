using Offpeak.Codec;
using Offpeak.Gemini.Calls;
using Offpeak.Gemini.Wire;
using Offpeak.Kit.Http;
using Offpeak.Providers;

namespace Offpeak.Gemini;

/// <summary>
/// Google's Gemini Batch API (Developer API) over plain HTTP: no redirect is followed, nothing is sent twice, uploads and downloads
/// stream. Small shards travel inside the create call, large ones as an input file.
/// </summary>
public sealed class GeminiBatchProvider : IBatchProvider
{
    private readonly ProviderHttp http;
    private readonly GeminiCreateCall create;
    private readonly GeminiStatusCall status;
    private readonly ResultCalls results;
    private readonly GeminiFollowUpCalls followUps;

    /// <summary>Makes a provider; nothing is sent until a member is called.</summary>
    /// <param name="options">The settings, copied.</param>
    /// <param name="time">The clock for time limits, or null for the system's.</param>
    /// <param name="handler">
    /// Sends the requests in place of the built-in handler, for tests and proxies; it must not follow redirects or retry.
    /// </param>
    public GeminiBatchProvider(GeminiOptions options, TimeProvider? time = null, HttpMessageHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options = options.Copy();
        time ??= TimeProvider.System;
        Codec = new GeminiCodec(options.SchemaField);
        http = new ProviderHttp(HttpSettings(options), time, handler);
        var batches = new BatchDownload(http, options, time);
        create = new GeminiCreateCall(http, options, new GeminiUpload(http, options, time));
        status = new GeminiStatusCall(http, batches);
        results = new ResultCalls(http, options, batches);
        followUps = new GeminiFollowUpCalls(http);
    }

    /// <inheritdoc/>
    public string Name => http.Name;

    /// <inheritdoc/>
    public ProviderCapabilities Capabilities => GeminiCapabilities.Default;

    /// <inheritdoc/>
    public IEntryCodec Codec { get; }

    /// <summary>The first 8 hexadecimal digits of the key's SHA-256, or null without a key.</summary>
    public string? KeyFingerprint => http.KeyFingerprint;

    /// <inheritdoc/>
    public Task<ProviderReceipt> SubmitAsync(Submission submission, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(submission);
        return create.SendAsync(submission, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<FindResult> FindAsync(FindRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new OperationSearch(http, request).RunAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ProviderSnapshot> GetStatusAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return status.SendAsync(batch, cancellationToken);
    }

    /// <summary>
    /// Streams the result file, or the results inside the batch where it has none. An expired batch has no results (Gemini API guide,
    /// Batch API).
    /// </summary>
    public IAsyncEnumerable<ProviderResult> ReadResultsAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return results.ReadAsync(batch, cancellationToken);
    }

    /// <inheritdoc/>
    public Task CancelAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return followUps.CancelAsync(batch, cancellationToken);
    }

    /// <summary>
    /// Deletes the input file and the batch, and with it the results inside it. A result file cannot be deleted by its name; Google does
    /// that.
    /// </summary>
    public Task CleanUpAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return followUps.CleanUpAsync(batch, cancellationToken);
    }

    /// <summary>Deletes the input files that attempts have uploaded.</summary>
    public Task AbandonAsync(FindRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return followUps.AbandonAsync(request, cancellationToken);
    }

    private static ProviderHttpSettings HttpSettings(GeminiOptions options) =>
        ProviderHttpSettings.Of(options, "GEMINI_API_KEY", (request, key) => request.Headers.TryAddWithoutValidation("x-goog-api-key", key)) with
        {
            KeyPrefixes = ["AIza"],
            ReadError = GoogleError.Read,
            Classify = GoogleError.Classify,
            RetryAfterIn = GoogleError.RetryDelay,
        };
}
