namespace Offpeak.Storage;

/// <summary>
/// A moment to write into a row, told by the store's own clock unless it is a given one: what is compared later is then compared with the
/// clock that wrote it.
/// </summary>
public readonly record struct When
{
    private When(bool isNever, TimeSpan fromNow, DateTimeOffset? at)
    {
        IsNever = isNever;
        FromNow = fromNow;
        At = at;
    }

    /// <summary>No moment: null in the row.</summary>
    public static When Never { get; } = new(true, default, null);

    /// <summary>The moment of the statement.</summary>
    public static When Now { get; } = In(TimeSpan.Zero);

    /// <summary>Whether the row is to hold null.</summary>
    public bool IsNever { get; }

    /// <summary>The distance from the moment of the statement, where <see cref="At"/> is null.</summary>
    public TimeSpan FromNow { get; }

    /// <summary>A moment given by the caller, or null.</summary>
    public DateTimeOffset? At { get; }

    /// <summary>Some time after the statement.</summary>
    public static When In(TimeSpan delay) => new(false, delay, null);

    /// <summary>A given moment; null is <see cref="Never"/>.</summary>
    public static When Exactly(DateTimeOffset? moment) => moment is null ? Never : new(false, default, moment);
}
