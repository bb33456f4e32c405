using Offpeak.OpenAI.Dialects;
using Offpeak.Providers;
using Offpeak.Kit.Http;

namespace Offpeak.OpenAI.Calls;

/// <summary>Cancels a batch and deletes its files.</summary>
internal sealed class FollowUpCalls(ProviderHttp http, Dialect? dialect = null)
{
    public async Task CancelAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        const string Action = "cancel the batch";
        if (dialect is not { Profile.Cancels: true })
            return;
        var path = dialect.PathOf(batch.ProviderBatchId) + "/cancel";
        var reply = await http.CallAsync(HttpMethod.Post, path, Action, cancellationToken);
        if (!reply.IsSuccess && !SaysAlreadyTerminal(reply))
            throw http.Errors.FromReply(reply, Action, namesAnObject: true);
    }

    /// <summary>Deletes the files, and then the batch where that can be done.</summary>
    public async Task DeleteAllAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        await DeleteFilesAsync(batch, cancellationToken);
        if (dialect is { Profile.DeletesBatches: true })
            await DeleteAsync(dialect.PathOf(batch.ProviderBatchId), "delete the batch", cancellationToken);
    }

    /// <summary>Tries every file, then reports the first failure.</summary>
    public async Task DeleteFilesAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        ProviderException? first = null;
        foreach (var name in (string[])[StateNames.InputFile, StateNames.OutputFile, StateNames.ErrorFile])
        {
            try
            {
                if (batch.Journal[name] is { } id)
                    await DeleteAsync("files/" + Uri.EscapeDataString(id), "delete a file of the batch", cancellationToken);
            }
            catch (ProviderException failure)
            {
                first ??= failure;
            }
        }
        if (first is not null)
            throw first;
    }

    private async Task DeleteAsync(string path, string action, CancellationToken cancellationToken)
    {
        var reply = await http.CallAsync(HttpMethod.Delete, path, action, cancellationToken);
        if (!reply.IsSuccess && reply.Status is not (404 or 410))
            throw http.Errors.FromReply(reply, action, namesAnObject: true);
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
