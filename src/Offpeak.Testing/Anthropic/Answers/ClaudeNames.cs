namespace Offpeak.Testing.Anthropic;

/// <summary>Aliases and the dated snapshots that answers name instead.</summary>
internal static class ClaudeNames
{
    private static readonly Dictionary<string, string> Snapshots = new(StringComparer.Ordinal)
    {
        ["claude-haiku-4-5"] = "claude-haiku-4-5-20251001",
        ["claude-sonnet-4-5"] = "claude-sonnet-4-5-20250929",
        ["claude-opus-4-5"] = "claude-opus-4-5-20251101",
    };

    public static string Resolve(string model) => Snapshots.GetValueOrDefault(model, model);
}
