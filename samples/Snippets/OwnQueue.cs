using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Offpeak;
#region own-queue
using Offpeak.Work;
#endregion

namespace Snippets;

internal static class OwnQueue
{
    public static void Add(IServiceCollection services)
    {
        #region own-queue
        services.AddOffpeak(offpeak => offpeak.UseSqlite("offpeak.db").AddOpenAI().RunWorkers(false));
        services.AddSingleton<IWorkQueue, BrokerQueue>();
        services.AddHostedService<BrokerConsumer>();
        #endregion
    }

    #region own-queue
    public sealed class BrokerQueue(IBroker broker) : IWorkQueue
    {
        public Task EnqueueAsync(WorkItem item, TimeSpan delay, CancellationToken cancellationToken) =>
            broker.SendAsync($"{item.Kind} {item.Id} {item.Generation}", delay, cancellationToken);
    }

    public sealed class BrokerConsumer(IBroker broker, WorkRunner runner) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await foreach (var message in broker.ReceiveAsync(stoppingToken))
            {
                var parts = message.Split(' ');
                await runner.RunAsync(new WorkItem(Enum.Parse<WorkKind>(parts[0]), long.Parse(parts[1]), int.Parse(parts[2])), stoppingToken);
            }
        }
    }
    #endregion

    public interface IBroker
    {
        Task SendAsync(string message, TimeSpan delay, CancellationToken cancellationToken);

        IAsyncEnumerable<string> ReceiveAsync(CancellationToken cancellationToken);
    }
}
