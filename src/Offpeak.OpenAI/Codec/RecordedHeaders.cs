using System.ClientModel.Primitives;
using System.Diagnostics.CodeAnalysis;

namespace Offpeak.OpenAI.Codec;

/// <summary>Request headers, which are written by the client and read by nobody.</summary>
internal sealed class RecordedHeaders : PipelineRequestHeaders
{
    private readonly Dictionary<string, string> values = new(StringComparer.OrdinalIgnoreCase);

    public override void Add(string name, string value) =>
        values[name] = values.TryGetValue(name, out var earlier) ? $"{earlier},{value}" : value;

    public override void Set(string name, string value) => values[name] = value;

    public override bool Remove(string name) => values.Remove(name);

    public override bool TryGetValue(string name, [NotNullWhen(true)] out string? value) => values.TryGetValue(name, out value);

    public override bool TryGetValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
    {
        values = TryGetValue(name, out var value) ? [value] : null;
        return values is not null;
    }

    public override IEnumerator<KeyValuePair<string, string>> GetEnumerator() => values.GetEnumerator();
}
