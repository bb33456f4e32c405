namespace Offpeak.Benchmarks;

/// <summary>What to run, and how large.</summary>
internal sealed record Scale(bool Quick, bool Heavy, bool Markdown, IReadOnlyList<string> Only)
{
    public int Rounds => Quick ? 1 : 6;

    public int Entries => Quick ? 2_000 : 50_000;

    /// <summary>What counts as very many.</summary>
    public int Most => Quick ? 2_000 : 1_000_000;

    public static Scale? Parse(string[] args)
    {
        var only = new List<string>();
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--only" && i + 1 < args.Length)
                only.Add(args[++i]);
            else if (args[i] is not ("--quick" or "--heavy" or "--markdown"))
                return null;
        }

        return new Scale(args.Contains("--quick"), args.Contains("--heavy"), args.Contains("--markdown"), only);
    }

    public bool Wants(string name) => Only.Count == 0 || Only.Contains(name, StringComparer.OrdinalIgnoreCase);
}
