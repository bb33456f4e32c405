using Microsoft.Extensions.DependencyInjection;
using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.CrashTests.Worker;

/// <summary>A provider with limits so small that a few entries make several shards.</summary>
internal sealed class SmallShards(IBatchProvider provider, int shardSize) : IBatchProvider
{
    /// <summary>Puts itself around every provider that is registered.</summary>
    public static void Wrap(IServiceCollection services, int shardSize)
    {
        for (var i = 0; i < services.Count; i++)
        {
            if (services[i] is { ServiceType: var type, ImplementationFactory: { } make } && type == typeof(IBatchProvider))
                services[i] = ServiceDescriptor.Singleton<IBatchProvider>(all => new SmallShards((IBatchProvider)make(all), shardSize));
        }
    }

    public string Name => provider.Name;

    public ProviderCapabilities Capabilities { get; } = provider.Capabilities with { MaxEntries = shardSize };

    public IEntryCodec Codec => provider.Codec;

    public string? KeyFingerprint => provider.KeyFingerprint;

    public Task<ProviderReceipt> SubmitAsync(Submission submission, CancellationToken cancellationToken) =>
        provider.SubmitAsync(submission, cancellationToken);

    public Task<FindResult> FindAsync(FindRequest request, CancellationToken cancellationToken) =>
        provider.FindAsync(request, cancellationToken);

    public Task<ProviderSnapshot> GetStatusAsync(ProviderBatchRef batch, CancellationToken cancellationToken) =>
        provider.GetStatusAsync(batch, cancellationToken);

    public IAsyncEnumerable<ProviderResult> ReadResultsAsync(ProviderBatchRef batch, CancellationToken cancellationToken) =>
        provider.ReadResultsAsync(batch, cancellationToken);

    public Task CancelAsync(ProviderBatchRef batch, CancellationToken cancellationToken) =>
        provider.CancelAsync(batch, cancellationToken);

    public Task CleanUpAsync(ProviderBatchRef batch, CancellationToken cancellationToken) =>
        provider.CleanUpAsync(batch, cancellationToken);

    public Task AbandonAsync(FindRequest request, CancellationToken cancellationToken) => provider.AbandonAsync(request, cancellationToken);
}
