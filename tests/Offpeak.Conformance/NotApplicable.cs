using Offpeak.Local;
using Offpeak.XAI;

namespace Offpeak.Conformance;

/// <summary>The suites that a provider does not run because there is nothing they could ask of it.</summary>
/// <param name="Provider">The provider's class.</param>
/// <param name="Suite">Name of the suite, without <c>Suite</c>.</param>
/// <param name="Reason">What the provider does not have.</param>
public sealed record NotApplicable(Type Provider, string Suite, string Reason)
{
    public static IReadOnlyList<NotApplicable> All { get; } =
    [
        new(typeof(LocalBatchProvider), "Reconcile", "It has no list of batches to search; a batch that was begun is always in the store."),
        new(typeof(LocalBatchProvider), "Fuzz", "It reads no wire format; the chat client does."),
        new(typeof(LocalBatchProvider), "LineFuzz", "It reads no wire format; the chat client does."),
        new(typeof(XAIBatchProvider), "LineFuzz", "Its results come in pages of JSON, which are whole or nothing."),
    ];
}
