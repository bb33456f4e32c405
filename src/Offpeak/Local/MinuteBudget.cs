namespace Offpeak.Local;

/// <summary>An allowance that fills up evenly over a minute: what is taken beyond it is waited for.</summary>
internal sealed class MinuteBudget(int? perMinute, TimeProvider time)
{
    // What is more is a slip or a lie, and would hold up every other call.
    private const int MostMinutes = 60;

    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly Lock gate = new();
    private double available = perMinute ?? 0;
    private long filledAt = time.GetTimestamp();

    /// <summary>Takes an amount, and returns when it is earned.</summary>
    public async Task TakeAsync(long amount, CancellationToken ct)
    {
        if (perMinute is not { } rate)
            return;

        // More than a whole minute's worth is never saved up; the debt is waited off instead.
        var debt = -Take(Taken(amount, rate));
        var wait = TimeSpan.FromMinutes(Math.Clamp(debt / rate, 0, LongestWait.TotalMinutes));
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, ct);
    }

    /// <summary>
    /// Puts right what was taken for a call. Whatever a server says that the call has used, it is no more than was taken or a minute's worth.
    /// </summary>
    public void Correct(long taken, long used)
    {
        if (perMinute is not { } rate)
            return;

        var charged = Taken(taken, rate);
        Take(Math.Clamp(used, 0, Math.Max(charged, rate)) - charged);
    }

    private static long Taken(long amount, int rate) => Math.Clamp(amount, 0, (long)rate * MostMinutes);

    private double Take(long amount)
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            available = Math.Min(perMinute!.Value, available + (time.GetElapsedTime(filledAt, now).TotalMinutes * perMinute.Value));
            filledAt = now;
            return available -= amount;
        }
    }
}
