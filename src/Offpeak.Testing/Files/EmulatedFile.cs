namespace Offpeak.Testing;

/// <summary>A file the emulator holds.</summary>
/// <param name="Id">Provider id, such as <c>file-…</c>.</param>
/// <param name="FileName">Name given at upload, or made for a result file.</param>
/// <param name="Purpose"><c>batch</c> for input, <c>batch_output</c> for results.</param>
/// <param name="Bytes">Length in bytes.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it vanishes.</param>
public sealed record EmulatedFile(
    string Id, string FileName, string Purpose, long Bytes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);
