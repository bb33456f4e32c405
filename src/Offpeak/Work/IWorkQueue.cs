namespace Offpeak.Work;

/// <summary>
/// Delivers work items after a delay: in memory by default, or a host's own (Quartz, Hangfire, a message broker). It may lose, repeat and
/// delay them: the sweeps bring back what is lost, and every item may be run any number of times. What it delivers goes to
/// <see cref="WorkRunner.RunAsync"/>. Called concurrently.
/// </summary>
/// <example>
/// <code>
/// public sealed class HangfireQueue(IBackgroundJobClient jobs) : IWorkQueue
/// {
///     public Task EnqueueAsync(WorkItem item, TimeSpan delay, CancellationToken cancellationToken)
///     {
///         jobs.Schedule&lt;WorkRunner&gt;(runner => runner.RunAsync(item, CancellationToken.None), delay);
///         return Task.CompletedTask;
///     }
/// }
/// </code>
/// </example>
public interface IWorkQueue
{
    /// <summary>Takes an item, to be delivered once the delay has passed. Throwing is allowed: the item counts as lost.</summary>
    Task EnqueueAsync(WorkItem item, TimeSpan delay, CancellationToken cancellationToken);
}
