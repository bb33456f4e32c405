using Offpeak.Providers;

namespace Offpeak.Conformance.Subjects;

/// <summary>How a provider shows a batch that ended before its work was done.</summary>
/// <param name="Word">The emulator's word for the end: <c>expired</c>, <c>cancelled</c> or <c>failed</c>.</param>
/// <param name="State">What the engine is told.</param>
/// <param name="KeepsAnswers">Whether answers given before the end can be read.</param>
public sealed record EarlyEnd(string Word, ProviderBatchState State, bool KeepsAnswers);
