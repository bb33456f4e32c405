using System.Text.Json;

namespace Offpeak.Testing;

/// <summary>What an answer is made from.</summary>
internal sealed record AnswerRequest(
    JsonElement Body, string Model, string Prompt, string Question, DateTimeOffset At, EmulatedAnswer? Chosen)
{
    public Action<Utf8JsonWriter, TokenCounts>? WriteCost { get; init; }

    /// <summary>What the prompt wants to be played; a test's own choice of an answer comes first.</summary>
    public AnswerScript? Script { get; } = Chosen is null ? AnswerScript.Of(Prompt) : null;

    public ulong Hash { get; } = StableHash.Of(Prompt, StableHash.Of(Model));

    public string Id(string prefix) => $"{prefix}{Hash:x16}{StableHash.Mix(Hash, 1):x16}";
}
