using System.Globalization;

namespace Offpeak.Policies;

/// <summary>
/// The delays between polls of one provider batch: one after the other, the last repeating. Written as text, for example
/// <c>1m,2m,5m,10m,30m</c>; units are <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c>.
/// </summary>
public sealed class PollSchedule
{
    /// <summary>1, 2, 5, 10, 30 minutes.</summary>
    public static readonly PollSchedule Default = Parse("1m,2m,5m,10m,30m");

    /// <summary>No wait that a provider asks for is believed beyond this: a broken header must not stop a batch.</summary>
    internal static readonly TimeSpan LongestRetryAfter = TimeSpan.FromDays(1);

    private const double JitterShare = 0.1;
    private const decimal LongestParsedTicks = 30m * TimeSpan.TicksPerDay;

    private readonly TimeSpan[] delays;

    /// <summary>Makes a schedule.</summary>
    /// <exception cref="ArgumentException">There is no delay, or one is not positive.</exception>
    public PollSchedule(params IReadOnlyCollection<TimeSpan> delays)
    {
        if (delays.Count == 0 || delays.Any(delay => delay <= TimeSpan.Zero))
            throw new ArgumentException("A poll schedule needs at least one delay, each longer than zero.", nameof(delays));
        this.delays = [.. delays];
    }

    /// <summary>The delay after a number of polls, without jitter. Numbers past the end give the last delay.</summary>
    public TimeSpan Delay(int attempt) => delays[Math.Clamp(attempt, 0, delays.Length - 1)];

    /// <summary>
    /// The delay after a number of polls: up to 10 % of jitter is added so that batches made together do not poll together, and a wait the
    /// provider asked for is the minimum, up to a day.
    /// </summary>
    public TimeSpan Delay(int attempt, Random random, TimeSpan? retryAfter)
    {
        var delay = Delay(attempt);
        delay += delay * (JitterShare * random.NextDouble());
        var asked = retryAfter > LongestRetryAfter ? LongestRetryAfter : retryAfter;
        return asked > delay ? asked.Value : delay;
    }

    /// <summary>Reads a schedule from text.</summary>
    /// <exception cref="FormatException">The text is no schedule; the message says what is expected.</exception>
    public static PollSchedule Parse(string text)
    {
        var delays = text.Split(',', StringSplitOptions.TrimEntries).Select(ParseDelay).ToArray();
        return Array.TrueForAll(delays, delay => delay > TimeSpan.Zero)
            ? new PollSchedule(delays)
            : throw new FormatException($"'{text}' is no poll schedule; write delays such as 500ms, 1s or 2m, separated by commas, none longer than 30 days.");
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(',', delays.Select(Format));

    private static TimeSpan ParseDelay(string text)
    {
        var unit = text.Length - text.AsSpan().TrimEnd("hms").Length;
        var ticksPerUnit = text[^unit..] switch
        {
            "ms" => TimeSpan.TicksPerMillisecond,
            "s" => TimeSpan.TicksPerSecond,
            "m" => TimeSpan.TicksPerMinute,
            "h" => TimeSpan.TicksPerHour,
            _ => 0,
        };
        // Decimal: exact where a double would lose a tick, and it knows neither NaN nor infinity.
        return decimal.TryParse(text.AsSpan(0, text.Length - unit), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number <= LongestParsedTicks && number * ticksPerUnit <= LongestParsedTicks
                ? new TimeSpan((long)(number * ticksPerUnit))
                : TimeSpan.Zero;
    }

    private static string Format(TimeSpan delay) => delay switch
    {
        _ when delay.Ticks < TimeSpan.TicksPerSecond => Format(delay, TimeSpan.TicksPerMillisecond, "ms"),
        _ when delay.Ticks % TimeSpan.TicksPerMinute != 0 => Format(delay, TimeSpan.TicksPerSecond, "s"),
        _ => Format(delay, TimeSpan.TicksPerMinute, "m"),
    };

    private static string Format(TimeSpan delay, long ticksPerUnit, string unit) =>
        ((decimal)delay.Ticks / ticksPerUnit).ToString(CultureInfo.InvariantCulture) + unit;
}
