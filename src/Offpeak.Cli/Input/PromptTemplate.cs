using System.Text;
using System.Text.RegularExpressions;

namespace Offpeak.Cli.Input;

/// <summary>Text with <c>{{column}}</c> in it. Everything else, single braces too, stands for itself.</summary>
internal sealed partial class PromptTemplate
{
    // Literal text and columns take turns: the first and last pieces are literal.
    private readonly string[] pieces;

    private PromptTemplate(string[] pieces) => this.pieces = pieces;

    public IEnumerable<string> Columns => pieces.Where((_, index) => index % 2 == 1).Distinct();

    /// <exception cref="InputException">No column is named.</exception>
    public static PromptTemplate Parse(string text) => TryParse(text) ?? throw new InputException(
        "The prompt names no column, so every row would get the same prompt. Name one in double braces, as in {{text}}.");

    /// <summary>The template; null if no column is named, so that the text is the same for every row.</summary>
    public static PromptTemplate? TryParse(string text) => Placeholder().Split(text) is { Length: > 1 } pieces ? new PromptTemplate(pieces) : null;

    /// <summary>The value of one column.</summary>
    public static PromptTemplate OfColumn(string column) => new(["", column, ""]);

    /// <summary>Fills in the values of a row, or names the first column that the row lacks.</summary>
    public string? Fill(Row row, out string prompt)
    {
        var text = new StringBuilder(pieces[0]);
        for (var index = 1; index < pieces.Length; index += 2)
        {
            var cell = row.Find(pieces[index]);
            if (cell == Cell.None)
            {
                prompt = "";
                return pieces[index];
            }

            text.Append(cell.Text).Append(pieces[index + 1]);
        }

        prompt = text.ToString();
        return null;
    }

    [GeneratedRegex(@"\{\{\s*([^{}]*[^{}\s])\s*\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
