using System.Text;

namespace Offpeak.Cli.Input;

/// <summary>Gathers what is wrong with a file, so that all of it is said at once.</summary>
internal sealed class BadLines
{
    public const int MostShown = 20;

    private readonly List<string> shown = [];

    public int Count { get; private set; }

    public void Add(int line, string reason)
    {
        if (++Count <= MostShown)
            shown.Add($"  line {line}: {reason}");
    }

    public void ThrowIfAny(string name)
    {
        if (Count == 0)
            return;

        var text = new StringBuilder();
        text.Append(name).Append(Count == 1 ? " has 1 bad line. Nothing was sent.\n" : $" has {Count:N0} bad lines. Nothing was sent.\n");
        text.AppendJoin('\n', shown).Append('\n');
        if (Count > MostShown)
            text.Append($"  and {Count - MostShown:N0} more\n");
        text.Append(Count == 1 ? "Correct it and run the command again." : "Correct them and run the command again.");
        throw new InputException(text.ToString());
    }
}
