using System.CommandLine;
using System.Text.Json;
using Offpeak.Testing;

namespace Offpeak.Cli.Commands;

/// <summary><c>offpeak emulator</c>: a local server that speaks the providers' batch APIs.</summary>
internal static class EmulatorCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "Port on the loopback interface; 0 picks a free one. Default: 4100.", DefaultValueFactory = _ => 4_100 };
        var duration = new Option<double>("--duration") { Description = "Seconds that a batch takes. Default: 5.", DefaultValueFactory = _ => 5 };
        var faults = new Option<FileInfo?>("--faults") { Description = "A JSON file with an array of faults to play.", HelpName = "FILE" };
        var command = new Command("emulator", "Runs a local server that speaks the providers' batch APIs, for trying things out without a key.")
        { port, duration, faults };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(port), parsed.GetValue(duration), parsed.GetValue(faults), ct));
        return command;
    }

    private static async Task<int> RunAsync(int port, double seconds, FileInfo? faults, CancellationToken ct)
    {
        var options = new EmulatorOptions
        {
            Port = port,
            BatchDuration = TimeSpan.FromSeconds(seconds),
            Faults = faults is null ? [] : ReadFaults(faults),
        };
        await EmulatorServer.RunAsync(options, Announce, ct);
        return ExitCodes.Success;
    }

    private static void Announce(EmulatorServer server)
    {
        Terminal.Note($"The emulator listens on {server.BaseAddress}; press Ctrl-C to stop. Point a client at it:");
        Console.Out.WriteLine($"export OPENAI_BASE_URL={server.OpenAIBaseUrl} OPENAI_API_KEY=emulator");
    }

    private static Fault[] ReadFaults(FileInfo file)
    {
        try
        {
            return JsonSerializer.Deserialize<Fault[]>(File.ReadAllText(file.FullName), JsonSerializerOptions.Web) ?? [];
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new OffpeakException(OffpeakErrorCode.InvalidInput, $"The faults in {file} cannot be read: {error.Message}", error);
        }
    }
}
