using System.Runtime.CompilerServices;
using System.Text.Unicode;
using Offpeak.Jsonl;

namespace Offpeak.Cli.Input;

/// <summary>The input of <c>offpeak run</c>, checked from end to end before the first entry is handed out.</summary>
internal sealed class RunInput : IAsyncDisposable
{
    private readonly InputSource source;
    private readonly InputOptions options;
    private readonly RowText? prompt;
    private readonly RowText? system;
    private readonly EntryId ids;
    private InputForm? form;
    private List<InputEntry>? kept;

    private RunInput(InputSource source, InputOptions options, RowText? prompt, RowText? system)
    {
        (this.source, this.options, this.prompt, this.system) = (source, options, prompt, system);
        ids = new EntryId(options.IdColumn);
    }

    public InputKind Kind => form!.Kind;

    public int EntryCount { get; private set; }

    /// <summary>The model that all bodies name; null unless the file holds batch lines.</summary>
    public string? Model { get; private set; }

    /// <summary>The URL that all lines name; null unless the file holds batch lines.</summary>
    public string? Url { get; private set; }

    /// <summary>Whether the rows fill the system text, so that each entry has its own.</summary>
    public bool FillsSystem => system is not null;

    /// <summary>Whether there are rows without an id, which are known by the number of their line.</summary>
    public bool NumbersRows => ids.NumbersRows;

    /// <summary>SHA-256 of the file's bytes in hex, by which the same input is recognised.</summary>
    public string ContentHash { get; private set; } = "";

    /// <summary>Opens and checks a file, or the standard input for <c>-</c>.</summary>
    /// <exception cref="InputException">The input cannot be used.</exception>
    public static async Task<RunInput> OpenAsync(string path, InputOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= InputOptions.Default;
        var prompt = options.PromptTemplate is { } promptText ? new RowText("prompt", PromptTemplate.Parse(promptText)) : null;
        var system = options.SystemTemplate is { } text && PromptTemplate.TryParse(text) is { } template ? new RowText("system prompt", template) : null;
        var file = new RunInput(await InputSource.OpenAsync(path, options, cancellationToken), options, prompt, system);
        try
        {
            await file.CheckEntriesAsync(cancellationToken);
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>The entries in order, one reading at a time; what an entry holds stays valid. A small file is not read a second time.</summary>
    /// <exception cref="InputException">The file is no longer the one that was checked, or can no longer be read.</exception>
    public IAsyncEnumerable<InputEntry> ReadAsync(CancellationToken cancellationToken = default) =>
        kept?.ToAsyncEnumerable() ?? Ahead.ReadAsync(ReadAgainAsync(cancellationToken), entry => entry.Bytes, cancellationToken);

    public ValueTask DisposeAsync() => source.DisposeAsync();

    private async IAsyncEnumerable<InputEntry> ReadAgainAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = source.Rewind();
        await foreach (var (row, parsed) in ReadEntriesAsync(stream, cancellationToken))
            yield return parsed.Entry ?? throw Changed();

        if (stream.Hash() != ContentHash)
            throw Changed();
    }

    private async Task CheckEntriesAsync(CancellationToken cancellationToken)
    {
        var bad = new BadLines();
        var check = new InputCheck();
        var mayBeWronglyEncoded = false;
        kept = [];
        await using var stream = source.Rewind();
        await foreach (var (row, parsed) in ReadEntriesAsync(stream, cancellationToken))
        {
            options.OnRow?.Invoke();
            mayBeWronglyEncoded |= row.HasReplacement;
            if ((parsed.Problem ?? check.Add(parsed.Entry!)) is string problem)
                bad.Add(row.Line, problem);
            else
                Keep(parsed.Entry!, stream.Position);
        }

        if (mayBeWronglyEncoded)
            await CheckEncodingAsync(cancellationToken);

        if (form?.Objection(source.Name) is string objection)
            throw new InputException(objection);

        bad.ThrowIfAny(source.Name);
        if (check.Count == 0)
            throw new InputException($"{source.Name} holds no entries. Nothing was sent.");

        (EntryCount, Model, Url, ContentHash) = (check.Count, check.Model, check.Url, stream.Hash());
    }

    private void Keep(InputEntry entry, long bytesRead)
    {
        if (bytesRead > options.MaxKeptBytes)
            kept = null;

        kept?.Add(entry);
    }

    // The CSV reader replaces what is not UTF-8; the JSONL reader checks for itself.
    private async Task CheckEncodingAsync(CancellationToken cancellationToken)
    {
        var bad = new BadLines();
        await using var stream = source.Rewind();
        await foreach (var line in JsonlReader.ReadAsync(stream, cancellationToken: cancellationToken))
        {
            if (!Utf8.IsValid(line.Bytes.Span))
                bad.Add(checked((int)line.Number), "is not valid UTF-8. Save the file as UTF-8.");
        }

        bad.ThrowIfAny(source.Name);
    }

    private async IAsyncEnumerable<(RowOrProblem Row, EntryOrProblem Parsed)> ReadEntriesAsync(
        SourceStream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in ReadRows(stream, cancellationToken))
        {
            if (row.Row is null)
            {
                yield return (row, row.Problem!);
                continue;
            }

            form ??= InputForm.For(row.Row, prompt, system, ids);
            yield return (row, form.Parse(row.Line, row.Row));
        }
    }

    private IAsyncEnumerable<RowOrProblem> ReadRows(SourceStream stream, CancellationToken cancellationToken) => source.Format switch
    {
        InputFormat.Csv => ReadCsv(stream, ',', cancellationToken),
        InputFormat.Tsv => ReadCsv(stream, '\t', cancellationToken),
        _ => JsonRows.ReadAsync(stream, options.MaxLineBytes, cancellationToken),
    };

    // Apart, so that the CSV library is loaded for CSV only.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private IAsyncEnumerable<RowOrProblem> ReadCsv(SourceStream stream, char separator, CancellationToken cancellationToken) =>
        CsvRows.ReadAsync(stream, separator, options.MaxLineBytes, cancellationToken);

    private InputException Changed() => new($"{source.Name} changed while it was read. Run the command again.");
}
