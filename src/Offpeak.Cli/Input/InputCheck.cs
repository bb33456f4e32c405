namespace Offpeak.Cli.Input;

/// <summary>The rules that bind the entries of one file together: ids differ, models and URLs do not.</summary>
internal sealed class InputCheck
{
    private readonly SeenIds ids = new();
    private RawBodyEntry? first;

    public int Count { get; private set; }

    public string? Model => first?.Model;

    public string? Url => first?.Url;

    /// <summary>Counts the entry, or says why it does not go with those before it.</summary>
    public string? Add(InputEntry entry)
    {
        Count++;
        if (!ids.TryAdd(entry.CustomId, entry.Line, out var firstLine))
            return $"uses the id {Shown.Quoted(entry.CustomId)} again, which line {firstLine} has.";
        return entry is RawBodyEntry body ? Compare(body) : null;
    }

    private string? Compare(RawBodyEntry entry)
    {
        // The body is let go: it may be megabytes, and only the rest is compared.
        first ??= entry with { Body = default };
        if (entry.Url != first.Url)
            return Differs("goes to", entry.Url, first.Url);
        return entry.Model != first.Model ? Differs("asks for the model", entry.Model, first.Model) : null;
    }

    private string Differs(string verb, string value, string firstValue) =>
        $"{verb} {Shown.Quoted(value)}, but line {first!.Line} {verb} {Shown.Quoted(firstValue)}. Make a file of each.";
}
