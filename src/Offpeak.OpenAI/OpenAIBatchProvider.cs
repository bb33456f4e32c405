using System.Runtime.CompilerServices;
using Offpeak.Codec;
using Offpeak.Kit.Http;
using Offpeak.OpenAI.Calls;
using Offpeak.OpenAI.Dialects;
using Offpeak.Providers;

namespace Offpeak.OpenAI;

/// <summary>
/// OpenAI's Batch API, and servers that speak its dialect, over plain HTTP: no redirect is followed, nothing is sent twice, uploads and
/// downloads stream.
/// </summary>
public sealed class OpenAIBatchProvider : IBatchProvider
{
    private readonly Dialect dialect;
    private readonly ProviderHttp http;
    private readonly FileCalls files;
    private readonly OpenAICreateCall create;
    private readonly OpenAIStatusCall status;
    private readonly BatchResults results;
    private readonly OpenAIFollowUpCalls followUps;

    /// <summary>Makes a provider; nothing is sent until a member is called.</summary>
    /// <param name="options">The settings, copied.</param>
    /// <param name="time">The clock for time limits, or null for the system's.</param>
    /// <param name="handler">
    /// Sends the requests in place of the built-in handler, for tests and proxies; it must not follow redirects or retry.
    /// </param>
    public OpenAIBatchProvider(OpenAIOptions options, TimeProvider? time = null, HttpMessageHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options = options.Copy();
        time ??= TimeProvider.System;
        dialect = new Dialect(options);
        http = new ProviderHttp(dialect.HttpSettings(), time, handler);
        Capabilities = dialect.Capabilities;
        Codec = new OpenAICodec(dialect.Profile.BodyNames);
        files = new FileCalls(http, UploadTerms.Of(dialect), time);
        create = new OpenAICreateCall(http, dialect);
        status = new OpenAIStatusCall(http, dialect);
        results = new BatchResults(http, dialect);
        followUps = new OpenAIFollowUpCalls(http, dialect, files);
    }

    /// <inheritdoc/>
    public string Name => http.Name;

    /// <inheritdoc/>
    public ProviderCapabilities Capabilities { get; }

    /// <inheritdoc/>
    public IEntryCodec Codec { get; }

    /// <summary>The first 8 hexadecimal digits of the key's SHA-256, or null without a key.</summary>
    public string? KeyFingerprint => http.KeyFingerprint;

    /// <inheritdoc/>
    public async Task<ProviderReceipt> SubmitAsync(Submission submission, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(submission);
        if (dialect.Profile.Create == CreateForm.Inline)
            return await create.SendInlineAsync(submission, cancellationToken);
        var inputFileId = await files.EnsureAsync(submission, cancellationToken);
        return await create.SendAsync(submission, inputFileId, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<FindResult> FindAsync(FindRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new OpenAIBatchSearch(http, dialect, request).RunAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ProviderSnapshot> GetStatusAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return status.SendAsync(batch, cancellationToken);
    }

    /// <summary>
    /// Streams the output file, then the error file; or what stands in the batch itself, where a server puts results there. When no file id
    /// is journalled yet the batch is asked for them first.
    /// </summary>
    public async IAsyncEnumerable<ProviderResult> ReadResultsAsync(
        ProviderBatchRef batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var journal = batch.Journal;
        if (journal[OpenAIJournalNames.OutputFile] is null && journal[OpenAIJournalNames.ErrorFile] is null)
            journal = (await status.SendAsync(batch, cancellationToken)).Journal ?? journal;
        await foreach (var result in results.ReadAsync(batch.ProviderBatchId, journal, cancellationToken))
            yield return result;
    }

    /// <inheritdoc/>
    /// <remarks>Does nothing where the server knows no cancel, which is so at OpenRouter: the batch runs to its end, and is paid for.</remarks>
    public Task CancelAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return followUps.CancelAsync(batch, cancellationToken);
    }

    /// <summary>Deletes the batch's files, and the batch itself where the server keeps texts in it. What is already gone is not an error.</summary>
    public Task CleanUpAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return followUps.DeleteAllAsync(batch, cancellationToken);
    }

    /// <summary>Deletes the files that attempts have uploaded.</summary>
    public Task AbandonAsync(FindRequest request, CancellationToken cancellationToken) => files.DeleteAsync(request, cancellationToken);
}
