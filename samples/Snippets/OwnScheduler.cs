using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Offpeak;

namespace Snippets;

internal static class OwnScheduler
{
    public static void Add(IServiceCollection services)
    {
        #region own-scheduler
        services.AddOffpeak(offpeak => offpeak.UseSqlite("offpeak.db").AddOpenAI().RunSweeps(false));
        services.AddHostedService<SweepTimer>();
        #endregion
    }

    #region own-scheduler
    public sealed class SweepTimer(Maintenance maintenance, TimeProvider time) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
            Task.WhenAll(maintenance.Sweeps.Select(sweep => RepeatAsync(sweep, stoppingToken)));

        private async Task RepeatAsync(SweepName sweep, CancellationToken cancellationToken)
        {
            using var timer = new PeriodicTimer(maintenance.IntervalOf(sweep), time);
            while (await timer.WaitForNextTickAsync(cancellationToken))
                await maintenance.RunAsync(sweep, cancellationToken);
        }
    }
    #endregion
}
