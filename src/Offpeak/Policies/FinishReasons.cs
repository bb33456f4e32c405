namespace Offpeak.Policies;

/// <summary>The words for why a model stopped that mean the same with every provider.</summary>
internal static class FinishReasons
{
    public const string Stop = "stop";
    public const string Length = "length";
    public const string ToolCalls = "tool_calls";
}
