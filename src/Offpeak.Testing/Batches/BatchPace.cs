namespace Offpeak.Testing;

/// <summary>How long a batch stays in each state.</summary>
/// <param name="Validating">Until its requests are known to be valid.</param>
/// <param name="Running">Until its last request is done.</param>
/// <param name="Finalizing">Until its result files stand; null goes from running to completed at once.</param>
/// <param name="Cancelling">From the wish to cancel to the end.</param>
/// <param name="Window">From its creation to its expiry, when it has not ended.</param>
internal sealed record BatchPace(TimeSpan Validating, TimeSpan Running, TimeSpan? Finalizing, TimeSpan Cancelling, TimeSpan Window);
