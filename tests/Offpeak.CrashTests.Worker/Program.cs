using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Offpeak;
using Offpeak.CrashTests.Worker;

var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
builder.Configuration.AddEnvironmentVariables().AddCommandLine(args);
var settings = new WorkerSettings();
builder.Configuration.Bind(settings);

builder.Logging.AddProvider(new ErrorOutput()).AddFilter("Microsoft", LogLevel.Warning);
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.Grace);
builder.Services.AddSingleton(settings);
builder.Services.AddSingleton<CrashSwitch>();
builder.Services.AddSingleton(services => FlowWatch.Probe(settings, services.GetRequiredService<CrashSwitch>()));
builder.Services.AddOffpeak(offpeak =>
{
    _ = settings.Store == StoreName.Sqlite ? offpeak.UseSqlite(settings.Database) : offpeak.UsePostgreSql(settings.Database);
    offpeak.AddHandler<EffectsHandler>(Workload.Handler);
    offpeak.AddOpenAI().AddAnthropic().AddGemini().AddXAI().AddLocalServer();
});
KillingStore.Wrap(builder.Services);
SmallShards.Wrap(builder.Services, settings.ShardSize);
builder.Services.AddSingleton<Life>();

using var host = builder.Build();
await host.Services.GetRequiredService<Life>().RunAsync(host);
