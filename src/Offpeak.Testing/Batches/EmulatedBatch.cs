namespace Offpeak.Testing;

/// <summary>A batch the emulator holds, as seen from inside the provider.</summary>
/// <param name="Id">Provider id, such as <c>batch_…</c>.</param>
/// <param name="Provider">Whose API made it, such as <c>openai</c>.</param>
/// <param name="Number">1 for the first batch this emulator made.</param>
/// <param name="InputFileId">The file that the create call named.</param>
/// <param name="InputFileName">That file's name; null when there was no such file.</param>
/// <param name="Endpoint">The endpoint its requests go to.</param>
/// <param name="Metadata">The metadata of the create call; empty without any.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="CancelRequestedAt">When a client asked it to stop; null when none did.</param>
/// <param name="Status">The provider's status name now, before any dialect or fault changes it.</param>
/// <param name="EntryCount">Its requests; 0 while validating and when validation failed.</param>
public sealed record EmulatedBatch(
    string Id,
    string Provider,
    int Number,
    string InputFileId,
    string? InputFileName,
    string Endpoint,
    IReadOnlyDictionary<string, string> Metadata,
    DateTimeOffset CreatedAt,
    DateTimeOffset? CancelRequestedAt,
    string Status,
    int EntryCount);
