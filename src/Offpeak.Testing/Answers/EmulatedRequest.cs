using System.Text.Json;

namespace Offpeak.Testing;

/// <summary>A model request that the emulator is about to answer.</summary>
/// <param name="Url">The endpoint, such as <c>/v1/chat/completions</c>.</param>
/// <param name="CustomId">The id of the batch line; null for a synchronous call.</param>
/// <param name="Model">The model asked for.</param>
/// <param name="Prompt">All text of the request: instructions and messages, one per line.</param>
/// <param name="Body">The whole request body; valid only during the call.</param>
public sealed record EmulatedRequest(string Url, string? CustomId, string Model, string Prompt, JsonElement Body);
