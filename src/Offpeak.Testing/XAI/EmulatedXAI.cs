using Microsoft.AspNetCore.Builder;
using Offpeak.Testing.XAI;

namespace Offpeak.Testing;

/// <summary>xAI's batches, files and synchronous endpoints under <c>/xai/v1</c>.</summary>
public sealed record EmulatedXAI : EmulatedProvider
{
    /// <summary>What becomes of a request id that a batch holds already; the real answer is not documented. Default: ignore it.</summary>
    public DuplicateRequests Duplicates { get; init; }

    internal override void Map(WebApplication app, EmulatorState state) => XAIRoutes.Map(app, state, Duplicates);
}
