using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Offpeak.Kit.Json;

/// <summary>What a provider reads of one line of its results.</summary>
[Experimental("OFFPEAK001")]
public interface IKeyedLine
{
    /// <summary>The id of the entry, or null as long as none was read.</summary>
    string? Key { get; }

    /// <summary>Reads one property of the line to its end, with the reader on its name.</summary>
    void ReadProperty(ref Utf8JsonReader reader);
}
