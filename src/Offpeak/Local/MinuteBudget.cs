namespace Offpeak.Local;

/// <summary>An allowance that fills up evenly over a minute: what is taken beyond it is waited for.</summary>
internal sealed class MinuteBudget(int? perMinute, TimeProvider time)
{
    private readonly Lock gate = new();
    private double available = perMinute ?? 0;
    private long filledAt = time.GetTimestamp();

    /// <summary>Takes an amount, and returns when it is earned.</summary>
    public async Task TakeAsync(long amount, CancellationToken ct)
    {
        if (perMinute is null)
            return;
        // More than a whole minute's worth is never saved up; the debt is waited off instead.
        var wait = TimeSpan.FromMinutes(Math.Max(0, -Take(amount)) / perMinute.Value);
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, ct);
    }

    /// <summary>Takes what a call used more than was estimated, or gives back what it used less.</summary>
    public void Correct(long amount)
    {
        if (perMinute is not null)
            Take(amount);
    }

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
