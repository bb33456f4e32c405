namespace Offpeak.Cli.Input;

/// <summary>The rules that bind the entries of one file together: ids differ, models and URLs do not.</summary>
internal sealed class InputCheck
{
    private readonly SeenIds _ids = new();
    private RawBodyEntry? _first;

    public int Count { get; private set; }

    public string? Model => _first?.Model;

    public string? Url => _first?.Url;

    /// <summary>Counts the entry, or says why it does not go with those before it.</summary>
    public string? Add(InputEntry entry)
    {
        Count++;
        if (!_ids.TryAdd(entry.CustomId, entry.Line, out int firstLine))
            return $"uses the id {Shown.Quoted(entry.CustomId)} again, which line {firstLine} has.";
        return entry is RawBodyEntry body ? Compare(body) : null;
    }

    private string? Compare(RawBodyEntry entry)
    {
        // The body is let go: it may be megabytes, and only the rest is compared.
        _first ??= entry with { Body = default };
        if (entry.Url != _first.Url)
            return Differs("goes to", entry.Url, _first.Url);
        return entry.Model != _first.Model ? Differs("asks for the model", entry.Model, _first.Model) : null;
    }

    private string Differs(string verb, string value, string first) =>
        $"{verb} {Shown.Quoted(value)}, but line {_first!.Line} {verb} {Shown.Quoted(first)}. Make a file of each.";
}
