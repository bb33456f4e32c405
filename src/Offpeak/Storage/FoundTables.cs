namespace Offpeak.Storage;

/// <summary>Where a database has Offpeak's tables.</summary>
/// <param name="AreThere">Whether they are where this process looks for them, of whatever version.</param>
/// <param name="OtherSchemas">Other schemas of the database that have some; empty where a database has no schemas.</param>
public sealed record FoundTables(bool AreThere, IReadOnlyList<string> OtherSchemas);
