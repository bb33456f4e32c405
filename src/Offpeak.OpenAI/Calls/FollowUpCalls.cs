using Offpeak.Providers;
using Offpeak.Providers.Http;

namespace Offpeak.OpenAI.Calls;

/// <summary>Cancels a batch and deletes its files.</summary>
internal sealed class FollowUpCalls(ProviderHttp http)
{
    public async Task CancelAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        const string Action = "cancel the batch";
        var path = $"batches/{Uri.EscapeDataString(batch.ProviderBatchId)}/cancel";
        var reply = await http.CallAsync(HttpMethod.Post, path, Action, cancellationToken);
        if (!reply.IsSuccess && !SaysAlreadyTerminal(reply))
            throw http.Errors.FromReply(reply, Action, namesAnObject: true);
    }

    /// <summary>Tries every file, then reports the first failure.</summary>
    public async Task DeleteFilesAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        ProviderException? first = null;
        foreach (var name in (string[])[StateNames.InputFile, StateNames.OutputFile, StateNames.ErrorFile])
        {
            try
            {
                if (batch.State[name] is { } id)
                    await DeleteFileAsync(id, cancellationToken);
            }
            catch (ProviderException failure)
            {
                first ??= failure;
            }
        }
        if (first is not null)
            throw first;
    }

    private async Task DeleteFileAsync(string id, CancellationToken cancellationToken)
    {
        const string Action = "delete a file of the batch";
        var reply = await http.CallAsync(HttpMethod.Delete, "files/" + Uri.EscapeDataString(id), Action, cancellationToken);
        if (!reply.IsSuccess && reply.Status is not (404 or 410))
            throw http.Errors.FromReply(reply, Action, namesAnObject: true);
    }

    /// <summary>OpenAI answers 409 to the cancel of a terminal batch; some servers of its dialect answer 400 and say so in words.</summary>
    public static bool SaysAlreadyTerminal(WireReply reply)
    {
        if (reply.Status == 409)
            return true;
        if (reply.Status != 400 || WireError.Parse(reply.Body).Message is not { } message)
            return false;
        return message.Contains("already", StringComparison.OrdinalIgnoreCase)
            || message.Contains("cannot cancel", StringComparison.OrdinalIgnoreCase)
            || message.Contains("cannot be cancel", StringComparison.OrdinalIgnoreCase);
    }
}
