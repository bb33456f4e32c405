namespace Offpeak.Providers;

/// <summary>Progress as a provider counts it.</summary>
/// <param name="Total">Entries accepted, or null if unknown.</param>
/// <param name="Succeeded">Entries answered, or null if unknown.</param>
/// <param name="Failed">Entries refused, or null if unknown.</param>
public sealed record ProviderCounts(int? Total, int? Succeeded, int? Failed);
