namespace Offpeak.Testing;

/// <summary>Where one request's result line stands in a spool file, line feed included.</summary>
internal readonly record struct SpooledEntry(string CustomId, bool Succeeded, long Offset, int Length, TokenCounts Usage);
