using System.Globalization;

namespace Offpeak.Testing;

/// <summary>
/// Words in a prompt that make the emulator play an answer which is none, or an odd one, in the form that each provider gives it. They cost
/// what the real thing would.
/// </summary>
public static class PromptWords
{
    /// <summary>
    /// The model refuses: a <c>refusal</c> of OpenAI's APIs, <c>stop_reason: refusal</c> of Anthropic's. Google has no such word and blocks the
    /// answer as <c>PROHIBITED_CONTENT</c>.
    /// </summary>
    public const string Refuse = "[[refuse]]";

    /// <summary>The answer is blocked: <c>content_filter</c>, or <c>SAFETY</c> of Google's. Anthropic has no such word and refuses.</summary>
    public const string Block = "[[block]]";

    /// <summary>The prompt is blocked: <c>promptFeedback</c> of Google's; elsewhere as <see cref="Block"/>.</summary>
    public const string BlockPrompt = "[[block-prompt]]";

    /// <summary>The model ends without having said anything.</summary>
    public const string Empty = "[[empty]]";

    /// <summary>The answer stands between <c>```json</c> and <c>```</c>.</summary>
    public const string Fence = "[[fence]]";

    /// <summary>The answer is the second of two texts: two messages, blocks or parts, as the provider has them.</summary>
    public const string Parts = "[[parts]]";

    /// <summary>As <see cref="Block"/>, with another of Google's words, such as <c>RECITATION</c>.</summary>
    public static string BlockedBy(string word) => $"[[block:{word}]]";

    /// <summary>The model thinks before it answers; where the limit on output tokens is no higher than that, it never comes to answer.</summary>
    public static string Think(int tokens) => string.Create(CultureInfo.InvariantCulture, $"[[think:{tokens}]]");

    /// <summary>The answer has so many tokens; where the limit on output tokens is lower, it is cut off.</summary>
    public static string Tokens(int tokens) => string.Create(CultureInfo.InvariantCulture, $"[[tokens:{tokens}]]");

    /// <summary>The model pauses so often before it answers (<c>stop_reason: pause_turn</c>, Anthropic alone).</summary>
    public static string Pause(int times) => string.Create(CultureInfo.InvariantCulture, $"[[pause:{times}]]");

    /// <summary>The answer is this text, which ends with the line.</summary>
    public static string Say(string text) => $"[[say:{text}]]";
}
