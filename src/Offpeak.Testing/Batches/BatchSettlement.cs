namespace Offpeak.Testing;

/// <summary>The result files of a batch that has ended.</summary>
internal sealed record BatchSettlement(string? OutputFileId, string? ErrorFileId);
