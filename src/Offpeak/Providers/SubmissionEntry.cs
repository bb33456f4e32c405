namespace Offpeak.Providers;

/// <summary>One entry of a <see cref="Submission"/>.</summary>
/// <param name="WireId">The custom id to send.</param>
/// <param name="Body">The request body: UTF-8 JSON on one line. It stays as it is when later entries are read.</param>
public readonly record struct SubmissionEntry(string WireId, ReadOnlyMemory<byte> Body);
