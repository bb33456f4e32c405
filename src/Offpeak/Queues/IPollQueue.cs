namespace Offpeak.Queues;

/// <summary>Delivers poll requests after a delay. May lose them: the resume sweep brings a lost chain back. Carries ids only.</summary>
public interface IPollQueue
{
    /// <summary>Asks for a poll.</summary>
    Task EnqueueAsync(PollRequest request, TimeSpan delay, CancellationToken cancellationToken);
}
