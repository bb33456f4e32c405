namespace Offpeak.Storage;

/// <summary>What a renewal found.</summary>
/// <param name="IsHeld">Whether the lease was still held, and is prolonged.</param>
/// <param name="IsDone">Whether the row's handler was marked done under it, so that the lease is no longer needed.</param>
/// <param name="CancelRequested">Whether the batch is to be cancelled.</param>
public readonly record struct LeaseState(bool IsHeld, bool IsDone, bool CancelRequested);
