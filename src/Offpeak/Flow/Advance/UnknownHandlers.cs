using System.Collections.Concurrent;
using Offpeak.Handlers;

namespace Offpeak.Flow.Advance;

/// <summary>
/// Says of finished batches that this process has no handler for them. They stay due: another process may know it, and is not to be held up.
/// </summary>
internal sealed class UnknownHandlers(FlowContext flow, HandlerRegistry handlers)
{
    private const string Unregistered = "The process that tried last has no handler of the name ";

    private readonly ConcurrentDictionary<string, int> reported = new(StringComparer.Ordinal);

    /// <summary>Notes it on the batches, and reports it once for a handler, however many batches come to wait for it.</summary>
    public async Task NoteAsync(string component, long? batchId, CancellationToken ct)
    {
        // Where somebody else runs the handler, its own errors say more than this.
        var noted = await flow.Store.NoteUnknownHandlersAsync(handlers.Names, 2 * flow.Options.ResumeInterval, Unregistered, ct);
        foreach (var (name, count) in noted)
        {
            if (!reported.TryAdd(name, count))
                continue;

            var text = $"{Unregistered}'{name}'; {count} finished {(count == 1 ? "batch waits" : "batches wait")} for it.";
            flow.Errors.Report(new OffpeakException(OffpeakErrorCode.InvalidState, text), component, batchId);
        }
    }
}
