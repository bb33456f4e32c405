namespace Offpeak;

/// <summary>The lease on a row is no longer held: another worker has taken over, so this one must stop. Nothing is wrong with the row.</summary>
/// <param name="what">What the lease was on, for example <c>shard 7</c>.</param>
public sealed class LeaseLostException(string what)
    : OffpeakException(OffpeakErrorCode.LeaseLost, $"The lease on {what} was lost; another worker has taken over.");
