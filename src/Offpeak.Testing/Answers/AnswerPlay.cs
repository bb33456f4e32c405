using System.Text.Json;

namespace Offpeak.Testing;

/// <summary>One answer as it is played: what is said, how it ends, and what it costs.</summary>
/// <param name="End">How it ends.</param>
/// <param name="Texts">What is said.</param>
/// <param name="Output">Output tokens, thoughts included.</param>
internal sealed record AnswerPlay(AnswerEnd End, IReadOnlyList<string> Texts, long Output)
{
    /// <summary>What the model says when it refuses.</summary>
    public const string Refusal = "I'm sorry, but I can't help with that.";

    private const string Preface = "Here is what I found.\n";

    private const int OwnLimit = 64_000;

    /// <summary>How many of the output tokens are thoughts.</summary>
    public long Thoughts { get; private init; }

    /// <summary>The provider's word for why it is blocked.</summary>
    public string? BlockedBy { get; private init; }

    public bool BlocksPrompt { get; private init; }

    /// <param name="request">What is answered.</param>
    /// <param name="text">What would be said without a script.</param>
    /// <param name="limit">The request's limit on output tokens; anything but a number means the model's own.</param>
    /// <param name="pauses">How often the model has paused in this conversation; null where it cannot.</param>
    public static AnswerPlay Of(AnswerRequest request, string text, JsonElement? limit, int? pauses = null) => Of(request.Script, text, limit, pauses);

    /// <inheritdoc cref="Of(AnswerRequest, string, JsonElement?, int?)"/>
    public static AnswerPlay Of(AnswerScript? script, string text, JsonElement? limit, int? pauses = null)
    {
        if (script is null)
            return Say(text);
        var room = limit is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var most) ? most : OwnLimit;
        text = script.Text ?? text;
        return script switch
        {
            { Refuses: true } => new(AnswerEnd.Refused, [], TokenCounts.Estimate(Refusal.Length)) { BlockedBy = "PROHIBITED_CONTENT" },
            { BlocksPrompt: true } => new(AnswerEnd.Blocked, [], 0) { BlockedBy = "PROHIBITED_CONTENT", BlocksPrompt = true },
            { BlockedBy: { } word } => new(AnswerEnd.Blocked, [], TokenCounts.Estimate(text.Length)) { BlockedBy = word },
            { IsEmpty: true } => new(AnswerEnd.Said, [], 1),
            { Pauses: var times } when pauses < times => new(AnswerEnd.Paused, [Preface], TokenCounts.Estimate(Preface.Length)),
            _ when script.Thoughts >= room => new(AnswerEnd.CutOff, [], room) { Thoughts = room },
            _ when script.Length > room => new(AnswerEnd.CutOff, [HalfOf(text)], room),
            { IsFenced: true } => Say($"```json\n{text}\n```"),
            { HasParts: true } => new(AnswerEnd.Said, [Preface, text], TokenCounts.Estimate(Preface.Length + text.Length)),
            { Length: > 0 } => new(AnswerEnd.Said, [text], script.Length),
            _ => Say(text) with { Output = TokenCounts.Estimate(text.Length) + script.Thoughts, Thoughts = script.Thoughts },
        };
    }

    private static AnswerPlay Say(string text) => new(AnswerEnd.Said, [text], TokenCounts.Estimate(text.Length));

    private static string HalfOf(string text)
    {
        var half = text.Length / 2;
        return text[..(half > 0 && char.IsHighSurrogate(text[half - 1]) ? half - 1 : half)];
    }
}
