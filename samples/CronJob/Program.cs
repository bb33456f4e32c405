#region tick
using Microsoft.Extensions.DependencyInjection;
using Offpeak;

await using var services = new ServiceCollection()
    .AddOffpeak(offpeak => offpeak.UseSqlite("offpeak.db").AddOpenAI().RunWorkers(false).RunSweeps(false))
    .BuildServiceProvider();
await services.GetRequiredService<DatabaseSetup>().RunAsync();
var result = await services.GetRequiredService<Maintenance>().TickAsync();
Console.WriteLine($"Work done: {result.Work}, failed: {result.Failed}; shards paused: {result.PausedShards}, handlers failed: {result.FailedHandlers}.");
return result.HasTrouble ? 1 : 0;
#endregion
