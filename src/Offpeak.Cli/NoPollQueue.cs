using Offpeak.Queues;

namespace Offpeak.Cli;

/// <summary>Drops every request: the command in the foreground polls at its own pace.</summary>
internal sealed class NoPollQueue : IPollQueue
{
    public Task EnqueueAsync(PollRequest request, TimeSpan delay, CancellationToken cancellationToken) => Task.CompletedTask;
}
