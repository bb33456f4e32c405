using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Offpeak.Codec;
using Offpeak.OpenAI.Calls;
using Offpeak.Providers;
using Offpeak.Providers.Http;

namespace Offpeak.OpenAI;

/// <summary>
/// OpenAI's Batch API, and servers that speak its dialect, over plain HTTP: no redirect is followed, nothing is sent twice, uploads and
/// downloads stream.
/// </summary>
public sealed class OpenAIBatchProvider : IBatchProvider
{
    private readonly Lazy<string?> fingerprint;
    private readonly ProviderHttp http;
    private readonly InputFile inputFile;
    private readonly CreateCall create;
    private readonly StatusCall status;
    private readonly ResultFiles results;
    private readonly FollowUpCalls followUps;

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
        Name = options.Name;
        fingerprint = new(() => Providers.Http.KeyFingerprint.Of(options.ApiKey));
        http = new ProviderHttp(HttpSettings(options), time, handler);
        inputFile = new InputFile(http, options, time);
        create = new CreateCall(http, options);
        status = new StatusCall(http);
        results = new ResultFiles(http, options);
        followUps = new FollowUpCalls(http);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public ProviderCapabilities Capabilities => OpenAICapabilities.Default;

    /// <inheritdoc/>
    public IEntryCodec Codec { get; } = new OpenAICodec();

    /// <summary>The first 8 hexadecimal digits of the key's SHA-256, or null without a key.</summary>
    public string? KeyFingerprint => fingerprint.Value;

    /// <inheritdoc/>
    public async Task<ProviderReceipt> SubmitAsync(Submission submission, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(submission);
        var inputFileId = await inputFile.EnsureAsync(submission, cancellationToken);
        return await create.SendAsync(submission, inputFileId, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<FindResult> FindAsync(FindRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new BatchSearch(http, request).RunAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ProviderSnapshot> GetStatusAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return status.SendAsync(batch, cancellationToken);
    }

    /// <summary>
    /// Streams the output file, then the error file. When no file id is remembered yet the batch is asked for them first.
    /// </summary>
    public async IAsyncEnumerable<ProviderResult> ReadResultsAsync(
        ProviderBatchRef batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var state = batch.State;
        if (state[StateNames.OutputFile] is null && state[StateNames.ErrorFile] is null)
            state = (await status.SendAsync(batch, cancellationToken)).Remember ?? state;
        await foreach (var result in results.ReadAsync(state, cancellationToken))
            yield return result;
    }

    /// <inheritdoc/>
    public Task CancelAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return followUps.CancelAsync(batch, cancellationToken);
    }

    /// <inheritdoc/>
    public Task CleanUpAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return followUps.DeleteFilesAsync(batch, cancellationToken);
    }

    private static ProviderHttpSettings HttpSettings(OpenAIOptions options) => new()
    {
        Name = options.Name,
        BaseUrl = options.BaseUrl,
        ApiKey = options.ApiKey,
        KeySetting = "OPENAI_API_KEY",
        RequestTimeout = options.RequestTimeout,
        TransferIdleTimeout = options.TransferIdleTimeout,
        Authorize = (request, key) =>
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            if (options.Organization is { } organization)
                request.Headers.TryAddWithoutValidation("OpenAI-Organization", organization);
            if (options.Project is { } project)
                request.Headers.TryAddWithoutValidation("OpenAI-Project", project);
        },
    };
}
