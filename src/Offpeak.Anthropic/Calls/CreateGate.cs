using System.Collections.Concurrent;
using Offpeak.Kit.Http;
using Offpeak.Providers;

namespace Offpeak.Anthropic.Calls;

/// <summary>
/// Lets one create call at a time through for each key in this process. Batches carry no key, so the fewer of them are made while a reply
/// is awaited, the fewer can be mistaken for a lost one. Other processes are not held back: see docs/decisions/0007.
/// </summary>
internal sealed class CreateGate(ProviderHttp http, AnthropicOptions options)
{
    private static readonly ConcurrentDictionary<(string Url, string? Key), SemaphoreSlim> Gates = new();

    private readonly (string Url, string? Key) place = (options.BaseUrl.TrimEnd('/'), KeyFingerprint.Of(options.ApiKey));

    /// <summary>Waits for its turn; disposing what it returns gives the turn to the next.</summary>
    /// <exception cref="ProviderException">The turn did not come in time. Nothing was sent.</exception>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        var gate = Gates.GetOrAdd(place, static _ => new SemaphoreSlim(1, 1));
        using var limit = http.NewLimit(options.CreateTurnTimeout, cancellationToken);
        try
        {
            await gate.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw http.Errors.Make(
                ProviderErrorClass.RateLimited, $"Another batch is being handed to {options.Name} with this key; this one waits for its turn");
        }

        return new Turn(gate);
    }

    private sealed class Turn(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
