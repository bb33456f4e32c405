using System.Runtime.CompilerServices;
using System.Text.Unicode;
using Offpeak.Jsonl;

namespace Offpeak.Cli.Input;

/// <summary>The input of <c>offpeak run</c>, checked from end to end before the first entry is handed out.</summary>
internal sealed class InputFile : IAsyncDisposable
{
    private readonly InputSource _source;
    private readonly InputOptions _options;
    private readonly PromptTemplate? _template;
    private InputForm? _form;

    private InputFile(InputSource source, InputOptions options, PromptTemplate? template) =>
        (_source, _options, _template) = (source, options, template);

    public InputKind Kind => _form!.Kind;

    public int EntryCount { get; private set; }

    /// <summary>The model that all bodies name; null unless the file holds batch lines.</summary>
    public string? Model { get; private set; }

    /// <summary>The URL that all lines name; null unless the file holds batch lines.</summary>
    public string? Url { get; private set; }

    /// <summary>SHA-256 of the file's bytes in hex, by which the same input is recognised.</summary>
    public string ContentHash { get; private set; } = "";

    /// <summary>Opens and checks a file, or the standard input for <c>-</c>.</summary>
    /// <exception cref="InputException">The input cannot be used.</exception>
    public static async Task<InputFile> OpenAsync(string path, InputOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= InputOptions.Default;
        PromptTemplate? template = options.PromptTemplate is null ? null : PromptTemplate.Parse(options.PromptTemplate);
        var file = new InputFile(await InputSource.OpenAsync(path, options, cancellationToken), options, template);
        try
        {
            await file.CheckEncodingAsync(cancellationToken);
            await file.CheckEntriesAsync(cancellationToken);
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads the entries in order, one reading at a time; what an entry holds stays valid.</summary>
    /// <exception cref="InputException">The file is no longer the one that was checked, or can no longer be read.</exception>
    public async IAsyncEnumerable<InputEntry> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using SourceStream stream = _source.Rewind();
        await foreach ((_, EntryOrProblem parsed) in ReadEntriesAsync(stream, cancellationToken))
            yield return parsed.Entry ?? throw Changed();

        if (stream.Hash() != ContentHash)
            throw Changed();
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    // The CSV reader replaces what is not UTF-8; the JSONL reader checks for itself.
    private async Task CheckEncodingAsync(CancellationToken cancellationToken)
    {
        if (_source.Format == InputFormat.Jsonl)
            return;

        var bad = new BadLines();
        await using SourceStream stream = _source.Rewind();
        await foreach (JsonlLine line in JsonlReader.ReadAsync(stream, cancellationToken: cancellationToken))
        {
            if (!Utf8.IsValid(line.Bytes.Span))
                bad.Add(checked((int)line.Number), "is not valid UTF-8. Save the file as UTF-8.");
        }

        bad.ThrowIfAny(_source.Name);
    }

    private async Task CheckEntriesAsync(CancellationToken cancellationToken)
    {
        var bad = new BadLines();
        var check = new InputCheck();
        await using SourceStream stream = _source.Rewind();
        await foreach ((int line, EntryOrProblem parsed) in ReadEntriesAsync(stream, cancellationToken))
        {
            if ((parsed.Problem ?? check.Add(parsed.Entry!)) is string problem)
                bad.Add(line, problem);
        }

        if (_form?.Objection(_source.Name) is string objection)
            throw new InputException(objection);
        bad.ThrowIfAny(_source.Name);
        if (check.Count == 0)
            throw new InputException($"{_source.Name} holds no entries. Nothing was sent.");
        (EntryCount, Model, Url, ContentHash) = (check.Count, check.Model, check.Url, stream.Hash());
    }

    private async IAsyncEnumerable<(int Line, EntryOrProblem Parsed)> ReadEntriesAsync(
        SourceStream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (RowOrProblem row in ReadRows(stream, cancellationToken))
        {
            if (row.Row is null)
            {
                yield return (row.Line, row.Problem!);
                continue;
            }

            _form ??= InputForm.For(row.Row, _template);
            yield return (row.Line, _form.Parse(row.Line, row.Row));
        }
    }

    private IAsyncEnumerable<RowOrProblem> ReadRows(SourceStream stream, CancellationToken cancellationToken) => _source.Format switch
    {
        InputFormat.Csv => CsvRows.ReadAsync(stream, ',', _options.MaxLineBytes, cancellationToken),
        InputFormat.Tsv => CsvRows.ReadAsync(stream, '\t', _options.MaxLineBytes, cancellationToken),
        _ => JsonRows.ReadAsync(stream, _options.MaxLineBytes, cancellationToken),
    };

    private InputException Changed() => new($"{_source.Name} changed while it was read. Run the command again.");
}
