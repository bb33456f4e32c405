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
}
