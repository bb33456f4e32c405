using System.Diagnostics.CodeAnalysis;

namespace Offpeak.Kit.Http;

/// <summary>The bytes around the entries of an upload: a JSONL file, or one JSON document that holds them all.</summary>
[Experimental("OFFPEAK001")]
public sealed record EntryFormat
{
    /// <summary>Before the first entry.</summary>
    public byte[] Head { get; init; } = [];

    /// <summary>Opens an entry.</summary>
    public required byte[] Open { get; init; }

    /// <summary>Stands between the wire id and the body, or between the body and the wire id.</summary>
    public required byte[] Middle { get; init; }

    /// <summary>Closes an entry.</summary>
    public required byte[] Close { get; init; }

    /// <summary>Between two entries.</summary>
    public byte[] Separator { get; init; } = [];

    /// <summary>After the last entry.</summary>
    public byte[] Tail { get; init; } = [];

    /// <summary>Whether an entry has its body before its wire id.</summary>
    public bool BodyFirst { get; init; }

    /// <summary>The media type of the whole.</summary>
    public required string ContentType { get; init; }

    /// <summary>Bytes beside the bodies and wire ids.</summary>
    public long Overhead(int entries) =>
        Head.Length + Tail.Length
        + ((long)entries * (Open.Length + Middle.Length + Close.Length))
        + ((long)Math.Max(0, entries - 1) * Separator.Length);
}
