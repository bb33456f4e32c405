namespace Offpeak.Providers;

/// <summary>The words for why a model stopped that mean the same with every provider.</summary>
public static class FinishReasons
{
    /// <summary>It had said everything.</summary>
    public const string Stop = "stop";

    /// <summary>It reached the limit on output tokens.</summary>
    public const string Length = "length";

    /// <summary>It called tools.</summary>
    public const string ToolCalls = "tool_calls";

    /// <summary>It refused to answer.</summary>
    public const string Refusal = "refusal";

    /// <summary>The provider blocked the prompt or the answer.</summary>
    public const string ContentFilter = "content_filter";

    /// <summary>It has paused, and goes on when it is given what it has said so far (Anthropic API reference, stop reasons).</summary>
    public const string PauseTurn = "pause_turn";
}
