using System.Diagnostics;
using System.Globalization;
using Offpeak.Testing;

namespace Offpeak.Benchmarks.Bed;

/// <summary>A provider in a process of its own, so that its processor time and memory are not the engine's. It ends when its standard input does.</summary>
internal sealed class EmulatorProcess : IAsyncDisposable
{
    private readonly Process process;

    private EmulatorProcess(Process process, string root) => (this.process, Root) = (process, root);

    /// <summary>Where it listens; every provider's API is under it.</summary>
    public string Root { get; }

    public static Task<EmulatorProcess> StartAsync() => StartAsync("--emulator");

    /// <summary>A server that takes everything and answers each line with so many bytes.</summary>
    public static Task<EmulatorProcess> StartFloodAsync(int answerBytes) => StartAsync("--flood", answerBytes.ToString(CultureInfo.InvariantCulture));

    public static async Task<int> ServeAsync()
    {
        await using var server = await EmulatorServer.StartAsync(new EmulatorOptions
        {
            ValidatingDuration = TimeSpan.Zero,
            BatchDuration = TimeSpan.Zero,
            FinalizingDuration = TimeSpan.Zero,
        });
        Console.WriteLine(server.BaseAddress);
        await Console.In.ReadToEndAsync();
        return 0;
    }

    public static async Task<int> ServeFloodAsync(int answerBytes)
    {
        await using var server = await FloodServer.StartAsync(answerBytes);
        Console.WriteLine(server.BaseAddress);
        await Console.In.ReadToEndAsync();
        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static async Task<EmulatorProcess> StartAsync(params string[] arguments)
    {
        var process = OwnProcess.Start(arguments);
        var url = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The emulator did not start.");
        return new EmulatorProcess(process, url);
    }
}
