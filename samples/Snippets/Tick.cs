#region tick
using Microsoft.Extensions.DependencyInjection;
using Offpeak;
#endregion

namespace Snippets;

internal static class Tick
{
    public static async Task RunAsync()
    {
        #region tick
        await using var services = new ServiceCollection()
            .AddOffpeak(offpeak => offpeak.UseSqlite("offpeak.db").AddOpenAI().RunWorkers(false).RunSweeps(false))
            .BuildServiceProvider();
        await services.GetRequiredService<DatabaseSetup>().RunAsync();
        var result = await services.GetRequiredService<Maintenance>().TickAsync();
        Console.WriteLine($"{result.Work} pieces of work done, {result.Sweeps.Failed} failed.");
        #endregion
    }
}
