using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Offpeak.Policies;

namespace Offpeak.Cli.Commands;

/// <summary><c>offpeak work</c>: a worker that submits, polls, sweeps and dispatches until it is stopped.</summary>
internal static class WorkCommand
{
    public static Command Create()
    {
        var poll = SharedOptions.Poll();
        var command = new Command("work", "Works on all batches of the database until stopped.") { Database.Option, CliConfiguration.File, poll };
        command.SetAction((parsed, ct) => RunAsync(parsed, parsed.GetValue(poll), ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, PollSchedule? poll, CancellationToken ct)
    {
        var database = Database.Of(parsed);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        CliConfiguration.AddTo(builder.Configuration, parsed);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning).AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        });
        CliServices.Add(
            builder.Services,
            builder.Configuration,
            database,
            isWorker: true,
            options => options.PollSchedule = poll ?? options.PollSchedule,
            providers: null);
        using var host = builder.Build();
        await host.StartAsync(ct);
        Terminal.Note($"Working on {database.Name}; press Ctrl-C to stop.");
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await host.StopAsync(CancellationToken.None);
        Terminal.Note("Stopped; the providers work on, and the next worker goes on from here.");
        return ExitCodes.Success;
    }

    // The command line handles Ctrl-C and SIGTERM; a second handler would race it.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
