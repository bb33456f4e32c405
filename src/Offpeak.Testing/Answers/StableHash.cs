using System.Runtime.InteropServices;

namespace Offpeak.Testing;

/// <summary>
/// FNV-1a over four characters at a time: the same on every machine and in every run, unlike <see cref="string.GetHashCode()"/>.
/// </summary>
internal static class StableHash
{
    private const ulong Prime = 1099511628211;

    public const ulong Start = 14695981039346656037;

    public static ulong Of(ReadOnlySpan<char> text, ulong hash = Start)
    {
        var blocks = MemoryMarshal.Cast<char, ulong>(text);
        foreach (var block in blocks)
            hash = (hash ^ block) * Prime;
        foreach (var character in text[(blocks.Length * (sizeof(ulong) / sizeof(char)))..])
            hash = (hash ^ character) * Prime;
        return Mix(hash, 0);
    }

    public static ulong Mix(ulong hash, ulong value)
    {
        // The finisher of SplitMix64: neighbours such as hash + 1 must not give neighbouring choices.
        hash += (value + 1) * 0x9E3779B97F4A7C15;
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        return hash ^ (hash >> 31);
    }
}
