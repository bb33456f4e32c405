using System.CommandLine;
using System.Net.Sockets;
using System.Text.Json;
using Offpeak.Testing;

namespace Offpeak.Cli.Commands;

/// <summary><c>offpeak emulator</c>: a local server that speaks the providers' batch APIs.</summary>
internal static class EmulatorCommand
{
    public static Command Create()
    {
        var port = SharedOptions.Number<int>("--port", "Port on the loopback interface; 0 picks a free one.", "PORT", 4_100, "A port is a number from 0 to 65535", value => value is >= 0 and <= 65_535);
        var duration = SharedOptions.Number<double>("--duration", "Seconds that a batch takes.", "SECONDS", 5, "A duration is a number of seconds up to a day", value => value is >= 0 and <= 86_400);
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
        try
        {
            await EmulatorServer.RunAsync(options, Announce, ct);
            return ExitCodes.Success;
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            throw new OffpeakException(OffpeakErrorCode.InvalidInput, $"The emulator cannot listen on port {port}: {error.Message} Choose another with --port.", error);
        }
        catch (ArgumentException error)
        {
            throw new OffpeakException(OffpeakErrorCode.InvalidInput, $"The faults in {faults} cannot be played: {error.Message}", error);
        }
    }

    private static void Announce(EmulatorServer server)
    {
        Terminal.Note($"The emulator listens on {server.BaseAddress}; press Ctrl-C to stop. Point a client at it:");
        // One line, so that it can be read with eval "$(…)" or copied whole.
        Console.Out.WriteLine($"export {string.Join(' ', Variables(server).Select(variable => $"{variable.Name}={variable.Value}"))}");
    }

    private static IEnumerable<(string Name, object Value)> Variables(EmulatorServer server)
    {
        (string Url, string Key, Uri Value)[] providers =
        [
            ("OPENAI_BASE_URL", "OPENAI_API_KEY", server.OpenAIBaseUrl),
            ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY", server.AnthropicBaseUrl),
            ("GEMINI_BASE_URL", "GEMINI_API_KEY", server.GeminiBaseUrl),
            ("XAI_BASE_URL", "XAI_API_KEY", server.XAIBaseUrl),
            ("AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY", server.AzureEndpoint),
            ("GROQ_BASE_URL", "GROQ_API_KEY", server.GroqBaseUrl),
            ("TOGETHER_BASE_URL", "TOGETHER_API_KEY", server.TogetherBaseUrl),
            ("MISTRAL_BASE_URL", "MISTRAL_API_KEY", server.MistralBaseUrl),
            ("OPENROUTER_BASE_URL", "OPENROUTER_API_KEY", server.OpenRouterBaseUrl),
        ];
        foreach (var (url, key, value) in providers)
        {
            yield return (url, value);
            yield return (key, "emulator");
        }

        yield return ("LOCAL_BASE_URL", server.OpenAIBaseUrl);

        // The defaults are those of providers that take hours: a batch of seconds would be looked at after minutes.
        yield return ("Offpeak__PollSchedule", "1s");
        yield return ("Offpeak__ReconcileVisibilityWindow", "00:00:01");
    }

    private static IReadOnlyList<Fault> ReadFaults(FileInfo file)
    {
        try
        {
            return FaultScript.Parse(File.ReadAllText(file.FullName));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new OffpeakException(OffpeakErrorCode.InvalidInput, $"There is no file {file}. Check the path.", error);
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new OffpeakException(OffpeakErrorCode.InvalidInput, $"The faults in {file} cannot be read: {error.Message} {Words}", error);
        }
    }

    private static string Words => $"Actions are {Camel<FaultAction>()}; calls ('on') are {Camel<EmulatorOperation>()}.";

    private static string Camel<T>()
        where T : struct, Enum => string.Join(", ", Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName));
}
