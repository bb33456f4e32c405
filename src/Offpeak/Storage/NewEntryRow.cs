namespace Offpeak.Storage;

/// <summary>An entry to insert.</summary>
/// <param name="CustomId">The user's id.</param>
/// <param name="Model">The model.</param>
/// <param name="Body">The request.</param>
/// <param name="FallbackBody">The request in the words of the fallback's provider; null without a fallback.</param>
/// <param name="ValidatesAnswer">Whether the answer is checked against the schema in the request.</param>
public readonly record struct NewEntryRow(
    string CustomId, string Model, ReadOnlyMemory<byte> Body, ReadOnlyMemory<byte>? FallbackBody = null, bool ValidatesAnswer = false);
