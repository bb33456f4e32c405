namespace Offpeak.Cli.Tests.Support;

/// <summary>Waits for conditions, not for time.</summary>
public static class Wait
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    public static async Task UntilAsync(Func<bool> condition)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Patience, "What was waited for did not happen.");
            await Task.Delay(Glance, TimeProvider.System);
        }
    }
}
