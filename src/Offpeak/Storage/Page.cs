namespace Offpeak.Storage;

/// <summary>A page of rows by id.</summary>
/// <typeparam name="T">Type of the rows.</typeparam>
/// <param name="Rows">The rows; may be fewer than were looked at.</param>
/// <param name="Next">Where the next page begins: the last id looked at; null if this was the last page.</param>
public sealed record Page<T>(IReadOnlyList<T> Rows, long? Next);
