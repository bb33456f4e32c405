namespace Offpeak.Kit.Http;

/// <summary>Ends work of others, which may throw when it is stopped, or not listen.</summary>
internal static class Stopping
{
    /// <summary>Cancels. What the work has registered on its token may throw, which is told, and no reason to forget why it was stopped.</summary>
    public static async Task StopAsync(this CancellationTokenSource work, Action<Exception> failed)
    {
        try
        {
            await work.CancelAsync();
        }
        catch (Exception error)
        {
            failed(error);
        }
    }

    /// <summary>Takes away what work used: now if it has returned, else when it does, and nobody waits for that.</summary>
    public static Task LeaveAsync(this Task work, Func<Task> takeAway)
    {
        if (work.IsCompleted)
            return takeAway();

        _ = work.ContinueWith(
            done =>
            {
                _ = done.Exception;
                return takeAway();
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
        return Task.CompletedTask;
    }
}
