namespace Offpeak.Providers;

/// <summary>Describes a batch whose create call was sent but whose reply was lost.</summary>
/// <param name="Key">The submission key the batch carries.</param>
/// <param name="NotBefore">Batches created before this moment cannot be the one; clock skew is already allowed for.</param>
/// <param name="Model">The model, without the provider's name.</param>
/// <param name="EntryCount">Number of entries sent, for providers whose batches carry no key.</param>
/// <param name="State">What the attempt journalled.</param>
public sealed record FindRequest(SubmissionKey Key, DateTimeOffset NotBefore, string Model, int EntryCount, ProviderState State);
