using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Offpeak.Diagnostics;
using Offpeak.Flow;

namespace Offpeak.Queues;

/// <summary>Runs polls as they fall due, a few at a time. Its loop never ends by an error.</summary>
internal sealed class PollWorker(InProcessPollQueue queue, PollProviderBatch poll, IOptions<OffpeakOptions> options, IErrorReporter errors)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Value.MaxConcurrency, CancellationToken = stoppingToken };
        await Parallel.ForEachAsync(queue.Due.ReadAllAsync(stoppingToken), parallel, RunAsync);
    }

    private async ValueTask RunAsync(PollRequest request, CancellationToken ct)
    {
        try
        {
            await poll.RunAsync(request, ct);
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            // The chain ends here; the resume sweep brings it back.
            errors.Report(error, PollProviderBatch.Component, batchId: null);
        }
    }
}
