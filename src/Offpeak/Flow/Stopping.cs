namespace Offpeak.Flow;

/// <summary>Cancels work of others.</summary>
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
}
