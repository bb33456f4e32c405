namespace Offpeak.Providers;

/// <summary>The words for why a model stopped that mean the same with every provider.</summary>
public static class FinishReasons
{
    public const string Stop = "stop";
    public const string Length = "length";
    public const string ToolCalls = "tool_calls";
}
