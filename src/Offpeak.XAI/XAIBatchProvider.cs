using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Offpeak.Codec;
using Offpeak.Kit.Http;
using Offpeak.OpenAI.Calls;
using Offpeak.OpenAI.Wire;
using Offpeak.Providers;
using Offpeak.XAI.Calls;
using Offpeak.XAI.Results;
using Offpeak.XAI.Wire;

namespace Offpeak.XAI;

/// <summary>
/// xAI's Batch API over plain HTTP. An empty batch is made under the submission key, which costs nothing, and its id is remembered before
/// entries are added to it, so that an interrupted submission goes on where it stopped instead of making a second batch.
/// </summary>
public sealed class XAIBatchProvider : IBatchProvider
{
    // xAI Batch API guide, Limits: per team, so other processes of the team share them.
    private const int CreationsPerSecond = 2;
    private const int AppendsPerWindow = 1_000;
    private static readonly TimeSpan AppendWindow = TimeSpan.FromSeconds(30);

    private readonly XAIOptions options;
    private readonly TimeProvider time;
    private readonly ProviderHttp http;
    private readonly FileCalls files;
    private readonly BatchCalls batches;
    private readonly SubmissionSearch search;
    private readonly AppendCalls append;
    private readonly PagedItems pages;
    private readonly RequestIds requestIds;
    private readonly XAIResultReader reader;

    /// <summary>Makes a provider; nothing is sent until a member is called.</summary>
    /// <param name="options">The settings, copied.</param>
    /// <param name="time">The clock for time limits and call rates, or null for the system's.</param>
    /// <param name="handler">
    /// Sends the requests in place of the built-in handler, for tests and proxies; it must not follow redirects or retry.
    /// </param>
    public XAIBatchProvider(XAIOptions options, TimeProvider? time = null, HttpMessageHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options = options.Copy();
        this.time = time ??= TimeProvider.System;
        http = new ProviderHttp(HttpSettings(options), time, handler);
        pages = new PagedItems(http, options);
        requestIds = new RequestIds(pages);
        files = new FileCalls(http, new UploadTerms(), time);
        batches = new BatchCalls(http, options, new CallLimiter(CreationsPerSecond, TimeSpan.FromSeconds(1), time));
        search = new SubmissionSearch(batches, new XAIBatchList(http), requestIds, http.Errors);
        append = new AppendCalls(http, options, new CallLimiter(AppendsPerWindow, AppendWindow, time));
        reader = new XAIResultReader(http.Errors);
    }

    /// <inheritdoc/>
    public string Name => http.Name;

    /// <inheritdoc/>
    public ProviderCapabilities Capabilities => XAICapabilities.Default;

    /// <inheritdoc/>
    public IEntryCodec Codec { get; } = new XAICodec();

    /// <summary>The first 8 hexadecimal digits of the key's SHA-256, or null without a key.</summary>
    public string? KeyFingerprint => http.KeyFingerprint;

    /// <summary>
    /// Makes an empty batch, remembers it and adds the entries; a call that fails meanwhile leaves a batch that the next attempt fills up.
    /// With <see cref="XAIOptions.UseFiles"/> it uploads a file and makes a batch of it.
    /// </summary>
    public async Task<ProviderReceipt> SubmitAsync(Submission submission, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(submission);
        RequestKind.NameOf(submission.Endpoint, http.Errors);
        if (await LookAsync(search.ToResumeAsync(submission, cancellationToken)) is { } batch)
            return await ResumeAsync(submission, batch, cancellationToken);
        if (options.UseFiles)
        {
            var file = await files.EnsureAsync(submission, cancellationToken);
            return new ProviderReceipt(await batches.CreateAsync(submission, file, cancellationToken));
        }

        var id = await batches.CreateAsync(submission, inputFileId: null, cancellationToken);
        // The batch exists now, so its id is written down even while the process is shutting down.
        await submission.JournalAsync(ProgressNames.Batch, id, CancellationToken.None);
        return await FillAsync(submission, id, present: [], cancellationToken);
    }

    /// <inheritdoc/>
    public Task<FindResult> FindAsync(FindRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return search.RunAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ProviderSnapshot> GetStatusAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var (answer, retryAfter) = await batches.GetAsync(batch.ProviderBatchId, cancellationToken);
        var (state, word) = XAIBatchWords.Read(answer, batch.EntryCount, time.GetUtcNow());
        var refusal = state == ProviderBatchState.Canceled ? batch.Journal[ProgressNames.Refused] : null;
        return new ProviderSnapshot
        {
            State = refusal is null ? state : ProviderBatchState.Failed,
            Status = new ProviderStatus(word),
            Counts = answer.ToCounts(),
            RetryAfter = retryAfter,
            HasPartialResults = state == ProviderBatchState.Running && answer.Counts.Succeeded > 0,
            Failure = refusal is not null ? new(ProviderErrorClass.Refused, null, refusal)
                : answer.CancelMessage is { } message && state == ProviderBatchState.Failed
                ? new(answer.IsOverCapacity ? ProviderErrorClass.Capacity : ProviderErrorClass.Refused, null, http.Errors.Clean(message))
                : null,
        };
    }

    /// <summary>Streams the results there are, from the first page on, also while the batch runs.</summary>
    public async IAsyncEnumerable<ProviderResult> ReadResultsAsync(
        ProviderBatchRef batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var number = 0L;
        var path = BatchCalls.PathOf(batch.ProviderBatchId) + "/results";
        await foreach (var item in pages.ReadAsync(path, "results", options.PageSize, "read the results", cancellationToken))
            yield return reader.Read(item, ++number);
    }

    /// <inheritdoc/>
    public Task CancelAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return batches.CancelAsync(batch.ProviderBatchId, cancellationToken);
    }

    /// <summary>Deletes the input file if there is one. xAI has no call that deletes a batch; its results go after 30 days.</summary>
    public Task CleanUpAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return files.DeleteAsync(batch, cancellationToken);
    }

    /// <summary>Stops a batch that was made and not filled up, because what is in it would run to its end, and deletes uploaded files.</summary>
    public async Task AbandonAsync(FindRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        await search.StopAsync(request, cancellationToken);
        await files.DeleteAsync(request, cancellationToken);
    }

    /// <summary>A batch that a file filled, or that is cancelled or refused, takes nothing more: polling says how it ends.</summary>
    private async Task<ProviderReceipt> ResumeAsync(Submission submission, XAIBatchObject batch, CancellationToken cancellationToken)
    {
        if (batch.IsSealed || batch.IsDead)
            return new ProviderReceipt(batch.Id!);
        if (submission.Journal[ProgressNames.Batch] != batch.Id)
            await submission.JournalAsync(ProgressNames.Batch, batch.Id!, cancellationToken);
        if (AppendCalls.ConfirmedOf(submission) >= submission.EntryCount)
            return new ProviderReceipt(batch.Id!);
        var present = await LookAsync(requestIds.ReadAsync(batch.Id!, submission.Key, cancellationToken));
        return await FillAsync(submission, batch.Id!, present, cancellationToken);
    }

    private async Task<ProviderReceipt> FillAsync(Submission submission, string id, HashSet<long> present, CancellationToken cancellationToken)
    {
        try
        {
            await append.RunAsync(submission, id, present, cancellationToken);
        }
        catch (ProviderException failure) when (failure.Class == ProviderErrorClass.Refused)
        {
            // What was added already would run and cost; unless the batch itself has ended, which polling then reports.
            var (batch, _) = await batches.GetAsync(id, cancellationToken);
            if (batch.IsDead)
                return new ProviderReceipt(id);
            var isEmpty = batch.Counts.Total == 0 && AppendCalls.ConfirmedOf(submission) == 0;
            if (!isEmpty)
                await submission.JournalAsync(ProgressNames.Refused, failure.Message, cancellationToken);
            await batches.CancelAsync(id, cancellationToken);
            // Answers there may be already are paid for: polling reads them, and says why the rest was not taken.
            if (isEmpty)
                throw;
            return new ProviderReceipt(id);
        }

        // Refused in an attempt that could not cancel it, and taken now.
        if (submission.Journal[ProgressNames.Refused] is not null)
            await submission.JournalAsync(ProgressNames.Refused, "", cancellationToken);
        return new ProviderReceipt(id);
    }

    /// <summary>A refused look says nothing against the entries, so it must not fail them.</summary>
    private static async Task<T> LookAsync<T>(Task<T> look)
    {
        try
        {
            return await look;
        }
        catch (ProviderException failure) when (failure.Class == ProviderErrorClass.Refused)
        {
            throw new ProviderException(ProviderErrorClass.Unexpected, failure.Message, failure) { StatusCode = failure.StatusCode };
        }
    }

    private static ProviderHttpSettings HttpSettings(XAIOptions options) =>
        ProviderHttpSettings.Of(options, "XAI_API_KEY", (request, key) => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key)) with
        {
            KeyPrefixes = ["xai-"],
            Classify = ClassOf,
        };

    /// <summary>xAI answers 400 to a wrong key, in words (observed by users of its API).</summary>
    private static ProviderErrorClass? ClassOf(int status, WireError error) =>
        status == 400 && error.Message?.Contains("API key", StringComparison.OrdinalIgnoreCase) == true
            ? ProviderErrorClass.Unauthorized
            : OpenAIErrorWords.Classify(status, error);
}
