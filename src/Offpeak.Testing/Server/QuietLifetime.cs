using Microsoft.Extensions.Hosting;

namespace Offpeak.Testing;

/// <summary>Leaves Ctrl-C to the program or test that owns the emulator; the default lifetime would take it.</summary>
internal sealed class QuietLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
