using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Offpeak.Kit.Json;

/// <summary>
/// Memory for bodies of megabytes that is used again. Each of them would be garbage that only a full collection takes away, so that a file of
/// large answers would take as much memory as the collector likes. Thread-safe.
/// </summary>
[Experimental("OFFPEAK001")]
public static class LargeBodies
{
    /// <summary>The size from which on a body counts as large, in bytes.</summary>
    public const int Threshold = 512 * 1024;

    private const int Kept = 3;
    private const int Step = 1024 * 1024;
    private const int MostWaste = 4;

    // Weak: a process that has no more large bodies keeps none of this.
    private static readonly WeakReference<byte[]>[] Free = [.. Enumerable.Range(0, Kept).Select(_ => new WeakReference<byte[]>(null!))];
    private static readonly ConditionalWeakTable<byte[], object> Lent = [];

    /// <summary>Copies a body into memory of its own.</summary>
    /// <param name="body">The body.</param>
    /// <returns>The copy. Whoever uses it last may return it; if nobody does, it is garbage like any other.</returns>
    public static ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> body)
    {
        var copy = Room(body.Length);
        body.CopyTo(copy.Span);
        return copy;
    }

    /// <summary>Gives room for a body, to be written before anybody reads it.</summary>
    /// <param name="length">Its length in bytes.</param>
    /// <returns>The room. Whoever uses it last may return it; if nobody does, it is garbage like any other.</returns>
    public static Memory<byte> Room(int length) => length < Threshold ? new byte[length] : Rent(length).AsMemory(0, length);

    /// <summary>Gives a copy back. Nobody may look at it afterwards. Anything that is not a copy from here is left alone.</summary>
    /// <param name="body">What <see cref="Copy"/> has returned.</param>
    public static void Return(ReadOnlyMemory<byte> body)
    {
        if (body.Length < Threshold || !MemoryMarshal.TryGetArray(body, out var segment))
            return;

        lock (Free)
        {
            if (Lent.Remove(segment.Array!) && Array.Find(Free, slot => !slot.TryGetTarget(out _)) is { } slot)
                slot.SetTarget(segment.Array!);
        }
    }

    private static byte[] Rent(int length)
    {
        lock (Free)
        {
            var buffer = Take(length) ?? GC.AllocateUninitializedArray<byte>((int)Math.Min(Array.MaxLength, (((long)length / Step) + 1) * Step));
            Lent.Add(buffer, Free);
            return buffer;
        }
    }

    private static byte[]? Take(int length)
    {
        foreach (var slot in Free)
        {
            if (slot.TryGetTarget(out var buffer) && buffer.Length >= length && buffer.Length / MostWaste <= length)
            {
                slot.SetTarget(null!);
                return buffer;
            }
        }

        return null;
    }
}
