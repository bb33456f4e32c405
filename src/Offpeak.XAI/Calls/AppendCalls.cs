using System.Globalization;
using Offpeak.Kit.Http;
using Offpeak.Providers;
using Offpeak.XAI.Wire;

namespace Offpeak.XAI.Calls;

/// <summary>
/// Adds a submission's entries to its batch, and after an interruption only those that are not in yet. What a second copy of a request does
/// is not documented, so none is sent as far as can be known.
/// </summary>
internal sealed class AppendCalls(ProviderHttp http, XAIOptions options, CallLimiter calls)
{
    private const string Action = "add entries to the batch";

    /// <param name="submission">The entries.</param>
    /// <param name="batchId">The batch.</param>
    /// <param name="present">Entries that are in it already.</param>
    /// <param name="cancellationToken">Stops between two calls or in one; the next attempt goes on.</param>
    /// <exception cref="ProviderException">A call failed; all that xAI confirmed before is journalled.</exception>
    public async Task RunAsync(Submission submission, string batchId, IReadOnlySet<long> present, CancellationToken cancellationToken)
    {
        var confirmed = ConfirmedOf(submission);
        var body = new AppendBody(RequestKind.NameOf(submission.Endpoint, http.Errors), options.MaxAppendBytes, options.MaxAppendEntries);
        var read = 0;
        await foreach (var entry in submission.ReadEntriesAsync(cancellationToken))
        {
            if (read++ < confirmed || IsIn(present, submission.Key, entry))
                continue;
            if (!body.Fits(entry))
                await SendAsync(submission, batchId, body, read - 1, cancellationToken);
            body.Add(entry);
        }

        if (body.Count > 0)
            await SendAsync(submission, batchId, body, read, cancellationToken);
    }

    /// <summary>How many entries, from the first on, xAI has confirmed.</summary>
    public static int ConfirmedOf(Submission submission) => int.Parse(submission.Journal[ProgressNames.Appended] ?? "0", CultureInfo.InvariantCulture);

    private async Task SendAsync(Submission submission, string batchId, AppendBody body, int reached, CancellationToken cancellationToken)
    {
        await calls.WaitAsync(cancellationToken);
        using var limit = http.NewTransferLimit(cancellationToken);
        using var request = http.NewRequest(HttpMethod.Post, BatchCalls.PathOf(batchId) + "/requests", body.ToContent(limit.Renew));
        var reply = await http.CallAsync(request, limit, Action, cancellationToken);
        if (!reply.IsSuccess)
            throw FailureOf(reply);
        body.Clear();
        await submission.JournalAsync(ProgressNames.Appended, reached.ToString(CultureInfo.InvariantCulture), cancellationToken);
    }

    /// <summary>An entry that is in already was hidden from the list of requests; the next look will show it.</summary>
    private ProviderException FailureOf(WireReply reply)
    {
        var failure = http.Errors.FromReply(reply, Action, namesAnObject: true);
        return failure.Class == ProviderErrorClass.Refused && SaysDuplicate(WireError.Parse(reply.Body).Message)
            ? new(ProviderErrorClass.Transient, failure.Message) { StatusCode = reply.Status }
            : failure;
    }

    private static bool SaysDuplicate(string? message) => message is not null
        && (message.Contains("duplicate", StringComparison.OrdinalIgnoreCase) || message.Contains("already exist", StringComparison.OrdinalIgnoreCase));

    private static bool IsIn(IReadOnlySet<long> present, SubmissionKey key, SubmissionEntry entry) =>
        present.Count > 0 && key.TryReadEntryId(entry.WireId, out var id) && present.Contains(id);
}
