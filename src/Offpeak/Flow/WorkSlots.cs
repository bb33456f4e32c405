using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Offpeak.Flow;

/// <summary>
/// How much of each kind of work this process does at the same time, apart for each provider, so that neither slow handlers nor a slow provider
/// hold up the rest.
/// </summary>
internal sealed class WorkSlots(IOptions<OffpeakOptions> options) : IDisposable
{
    private readonly ConcurrentDictionary<(SlotKind, string), SemaphoreSlim> slots = new();

    public async Task<IDisposable> EnterAsync(SlotKind kind, string provider, CancellationToken ct)
    {
        var slot = slots.GetOrAdd((kind, provider), key => new SemaphoreSlim(Count(key.Item1)));
        await slot.WaitAsync(ct);
        return new Entered(slot);
    }

    public void Dispose()
    {
        foreach (var slot in slots.Values)
            slot.Dispose();
    }

    private int Count(SlotKind kind)
    {
        var most = options.Value.MaxConcurrency;
        return kind switch
        {
            SlotKind.Submit => most.Submits,
            SlotKind.Poll => most.Polls,
            SlotKind.Ingest => most.Ingests,
            SlotKind.Local => most.LocalBatches,
            SlotKind.Tools => most.ToolBatches,
            _ => most.Handlers,
        };
    }

    private sealed class Entered(SemaphoreSlim slot) : IDisposable
    {
        private SemaphoreSlim? held = slot;

        public void Dispose() => Interlocked.Exchange(ref held, null)?.Release();
    }
}

/// <summary>What a slot is for.</summary>
internal enum SlotKind
{
    Submit,
    Poll,
    Ingest,
    Local,
    Tools,
    Handler,
}
