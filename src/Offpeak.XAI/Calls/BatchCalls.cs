using Offpeak.Kit.Http;
using Offpeak.OpenAI.Wire;
using Offpeak.Providers;
using Offpeak.XAI.Wire;

namespace Offpeak.XAI.Calls;

/// <summary>The small calls about one batch.</summary>
internal sealed class BatchCalls(ProviderHttp http, XAIOptions options, CallLimiter creations)
{
    public static string PathOf(string batchId) => "batches/" + Uri.EscapeDataString(batchId);

    /// <summary>The create call, sent once. The limit is waited for before the engine is told that the call begins.</summary>
    public async Task<string> CreateAsync(Submission submission, string? inputFileId, CancellationToken cancellationToken)
    {
        using var request = http.NewRequest(HttpMethod.Post, "batches", XAICreateBody.Make(submission.Key.Value, inputFileId));
        await creations.WaitAsync(cancellationToken);
        await submission.JournalAsync(ProgressNames.CreateBegun, "yes", cancellationToken);
        await submission.BeginCreateAsync(cancellationToken);
        var reply = await http.CreateAsync(request, options.CreateTimeout, cancellationToken);
        return XAIBatchObject.Parse(reply.Body)?.Id ?? throw http.Errors.Unclear("gave an answer that cannot be read");
    }

    public async Task<(XAIBatchObject Batch, TimeSpan? RetryAfter)> GetAsync(string batchId, CancellationToken cancellationToken)
    {
        const string Action = "read the batch";
        var reply = await http.CallAsync(HttpMethod.Get, PathOf(batchId), Action, cancellationToken);
        if (!reply.IsSuccess)
            throw http.Errors.FromReply(reply, Action, namesAnObject: true);
        var batch = XAIBatchObject.Parse(reply.Body)
            ?? throw http.Errors.Make(ProviderErrorClass.Unexpected, "The answer about the batch cannot be read");
        return (batch, reply.RetryAfter);
    }

    public async Task CancelAsync(string batchId, CancellationToken cancellationToken)
    {
        const string Action = "cancel the batch";
        var reply = await http.CallAsync(HttpMethod.Post, PathOf(batchId) + ":cancel", Action, cancellationToken);
        if (!reply.IsSuccess && !OpenAIErrorWords.SaysAlreadyTerminal(reply))
            throw http.Errors.FromReply(reply, Action, namesAnObject: true);
    }
}
