using System.Runtime.CompilerServices;
using CsvHelper;

namespace Offpeak.Cli.Input;

/// <summary>Reads a CSV file (RFC 4180, with a header) row by row; a row's line is the one it starts on.</summary>
internal sealed class CsvRows
{
    private const string TooLong = "the row is too long. A quote may lack its partner.";

    private static readonly (char Sign, string? Name)[] Separators = [(';', "semicolons"), ('\t', "tabs")];

    private readonly CsvReader csv;
    private readonly char separator;
    private readonly Dictionary<string, int> header = [];
    private CsvMalformedReason? malformed;
    private bool lost;
    private bool hasReplacement;

    private CsvRows(Stream stream, char separator, int maxRowBytes)
    {
        this.separator = separator;
        csv = CsvReader.Create(
            stream,
            new CsvReaderOptions
            {
                MaxRecordSize = maxRowBytes,
                OnMalformedRecord = record => malformed = record.Reason,
                Separator = separator,
                TrackLineNumbers = true,
            },
            leaveOpen: true);
    }

    public static async IAsyncEnumerable<RowOrProblem> ReadAsync(
        Stream stream, char separator, int maxRowBytes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = new CsvRows(stream, separator, maxRowBytes);
        await using var csv = rows.csv;
        var problem = await rows.ReadHeaderAsync(cancellationToken);
        if (problem is not null)
            yield return new RowOrProblem(1, null, problem, rows.hasReplacement);

        while (problem is null && await rows.NextAsync(cancellationToken) is RowOrProblem row)
            yield return row;
    }

    private async Task<string?> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        try
        {
            await csv.ReadHeaderAsync(cancellationToken);
        }
        catch (CsvFormatException)
        {
            return TooLong;
        }

        hasReplacement = csv.Headers.Any(HasReplacement);
        if (csv.Headers is [var single] && Array.Find(Separators, other => other.Sign != separator && single.Contains(other.Sign)) is { Name: { } used })
            return $"the columns are separated by {used}. Save the file as .csv with commas, or as .tsv with tabs.";

        if (Objection() is string malformed)
            return malformed;
        for (var index = 0; index < csv.Headers.Count; index++)
        {
            var name = csv.Headers[index].Trim();
            // Spreadsheets leave nameless columns behind; nothing can refer to them.
            if (name.Length > 0 && !header.TryAdd(name, index))
                return $"the header has the column {Shown.Quoted(name)} twice.";
        }

        return null;
    }

    private async Task<RowOrProblem?> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (lost || !await csv.ReadAsync(cancellationToken))
                return null;
        }
        catch (CsvFormatException exception)
        {
            // The reader cannot tell where the next row begins.
            lost = true;
            return new RowOrProblem((int)exception.LineNumber, null, TooLong, hasReplacement);
        }

        var fields = csv.Current.ToArray();
        hasReplacement |= Array.Exists(fields, HasReplacement);
        var problem = Objection() ?? Objection(fields);
        return new RowOrProblem(checked((int)csv.LineNumber), problem is null ? new CsvRow(header, fields) : null, problem, hasReplacement);
    }

    private static bool HasReplacement(string field) => field.Contains('\uFFFD', StringComparison.Ordinal);

    private string? Objection()
    {
        var reason = malformed;
        malformed = null;
        return reason switch
        {
            CsvMalformedReason.TextAfterClosingQuote => "has text after a closing quote. Write a quote inside a quoted field as two quotes.",
            CsvMalformedReason.UnterminatedQuote => "opens a quote that is never closed.",
            _ => null,
        };
    }

    private string? Objection(string[] fields) =>
        fields.Length != csv.Headers.Count ? $"has {fields.Length} fields, but the header has {csv.Headers.Count}."
        : Array.TrueForAll(fields, string.IsNullOrWhiteSpace) ? "has only empty fields."
        : null;
}
