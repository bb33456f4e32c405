using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Offpeak.Kit.Http;

/// <summary>A short one-way mark of a key, so that a batch remembers which key made it.</summary>
[Experimental("OFFPEAK001")]
public static class KeyFingerprint
{
    /// <summary>The first 8 hexadecimal digits of the key's SHA-256, or null without a key.</summary>
    public static string? Of(string? key) => string.IsNullOrWhiteSpace(key)
        ? null
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 4));
}
