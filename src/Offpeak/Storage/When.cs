namespace Offpeak.Storage;

/// <summary>
/// A moment to write into a row, told by the store's own clock: what is compared later is then compared with the clock that wrote it.
/// </summary>
public readonly record struct When
{
    private When(bool isNever, TimeSpan fromNow)
    {
        IsNever = isNever;
        FromNow = fromNow;
    }

    /// <summary>No moment: null in the row.</summary>
    public static When Never { get; } = new(true, default);

    /// <summary>The moment of the statement.</summary>
    public static When Now { get; } = In(TimeSpan.Zero);

    /// <summary>Whether the row is to hold null.</summary>
    public bool IsNever { get; }

    /// <summary>The distance from the moment of the statement.</summary>
    public TimeSpan FromNow { get; }

    /// <summary>Some time after the statement.</summary>
    public static When In(TimeSpan delay) => new(false, delay);
}
