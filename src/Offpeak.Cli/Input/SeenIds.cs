using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Offpeak.Cli.Input;

/// <summary>Remembers which ids a file used, by hash: a million ids of any length take well under 100 MB.</summary>
internal sealed class SeenIds
{
    private readonly Dictionary<UInt128, int> lines = [];

    /// <summary>Records the id; false, with the line that used it first, when it is not new.</summary>
    public bool TryAdd(string id, int line, out int firstLine)
    {
        var hash = Hash(id);
        firstLine = line;
        return lines.TryAdd(hash, line) || !lines.TryGetValue(hash, out firstLine);
    }

    private static UInt128 Hash(string id)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(id), digest);
        return BinaryPrimitives.ReadUInt128LittleEndian(digest);
    }
}
