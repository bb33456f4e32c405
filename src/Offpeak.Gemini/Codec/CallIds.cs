namespace Offpeak.Gemini.Codec;

/// <summary>Ids for function calls that Gemini sent without one. They tie a result to its call here and are never sent.</summary>
internal static class CallIds
{
    private const string Prefix = "offpeak-call-";

    /// <summary>The same for the same part of the same answer, so that decoding twice gives the same ids.</summary>
    public static string Make(int partIndex, string name) => $"{Prefix}{partIndex}-{name}";

    public static bool IsOurs(string id) => id.StartsWith(Prefix, StringComparison.Ordinal);
}
