namespace Offpeak.Anthropic.Calls;

/// <summary>Paths below the base URL (Anthropic API reference, Message Batches).</summary>
internal static class BatchPaths
{
    public const string All = "v1/messages/batches";

    public static string One(string id) => $"{All}/{Uri.EscapeDataString(id)}";

    public static string Cancel(string id) => One(id) + "/cancel";

    public static string Results(string id) => One(id) + "/results";
}
