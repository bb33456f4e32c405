namespace Offpeak.Cli.Input;

/// <summary>The opened file, or a temporary copy of what can be read only once. Can be read from the start again and again.</summary>
internal sealed class InputSource : IAsyncDisposable
{
    private const int BufferSize = 128 * 1024;

    private readonly Stream stream;

    private InputSource(string name, InputFormat format, Stream stream) => (Name, Format, this.stream) = (name, format, stream);

    /// <summary>The file's name for messages.</summary>
    public string Name { get; }

    public InputFormat Format { get; }

    public static async Task<InputSource> OpenAsync(string path, InputOptions options, CancellationToken cancellationToken)
    {
        if (path == "-")
        {
            var input = options.StandardInput ?? Console.OpenStandardInput();
            return await SpoolAsync("stdin", input, null, options, cancellationToken);
        }

        var file = Open(path);
        if (file.CanSeek)
        {
            await RefusePackedAsync(Shown.Plain(path), file);
            return new InputSource(Shown.Plain(path), FormatOf(path), file);
        }

        await using (file)
            return await SpoolAsync(Shown.Plain(path), file, FormatOf(path), options, cancellationToken);
    }

    /// <summary>Starts to read from the first byte; one reading at a time.</summary>
    public SourceStream Rewind()
    {
        stream.Position = 0;
        return new SourceStream(stream, Name);
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private static FileStream Open(string path)
    {
        var name = Shown.Plain(path);
        if (Directory.Exists(path))
            throw new InputException($"{name} is a directory. Name a file.");

        try
        {
            return new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"There is no file {name}. Check the path.", exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new InputException($"{name} may not be read. Check its permissions.", exception);
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or NotSupportedException)
        {
            throw new InputException($"{name} cannot be opened: {exception.Message}", exception);
        }
    }

    private static InputFormat FormatOf(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".CSV" => InputFormat.Csv,
        ".TSV" => InputFormat.Tsv,
        _ => InputFormat.Jsonl,
    };

    private static async Task<InputSource> SpoolAsync(
        string name, Stream once, InputFormat? format, InputOptions options, CancellationToken cancellationToken)
    {
        Stream? copy = null;
        try
        {
            copy = CreateSpool(options.TemporaryDirectory);
            await once.CopyToAsync(copy, BufferSize, cancellationToken);
            await RefusePackedAsync(name, copy);
            return new InputSource(name, format ?? Sniff(copy), copy);
        }
        catch (Exception exception)
        {
            if (copy is not null)
                await copy.DisposeAsync();
            if (exception is IOException or UnauthorizedAccessException)
                throw new InputException($"{name} could not be copied to {options.TemporaryDirectory}: {exception.Message}", exception);
            throw;
        }
    }

    // Read as text they would be a hundred bad lines. The stream is not to be read on where it is.
    private static async Task RefusePackedAsync(string name, Stream stream)
    {
        var start = new byte[4];
        stream.Position = 0;
        _ = await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false);
        var objection = start switch
        {
            [(byte)'P', (byte)'K', 3, 4] or [0xD0, 0xCF, 0x11, 0xE0] => "is a spreadsheet or an archive, not text. Save it as CSV in UTF-8.",
            [0x1F, 0x8B, ..] => "is packed by gzip. Unpack it first, or send it through: gunzip -c FILE | offpeak run - …",
            _ => null,
        };
        if (objection is null)
            return;

        await stream.DisposeAsync();
        throw new InputException($"{name} {objection}");
    }

    private static FileStream CreateSpool(string directory)
    {
        var options = new FileStreamOptions
        {
            Access = FileAccess.ReadWrite,
            BufferSize = 0,
            Mode = FileMode.CreateNew,
            Options = FileOptions.DeleteOnClose | FileOptions.SequentialScan,
            Share = FileShare.None,
        };
        // Prompts are nobody else's business, and the temporary directory is often everybody's.
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(Path.Combine(directory, $"offpeak-{Guid.NewGuid():N}.tmp"), options);
    }

    private static InputFormat Sniff(Stream stream)
    {
        stream.Position = 0;
        Span<byte> start = stackalloc byte[4096];
        start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        if (start.StartsWith("\uFEFF"u8))
            start = start[3..];
        start = start.TrimStart(" \t\r\n"u8);
        // An array is not JSONL either, but only the JSONL reader says so helpfully.
        return start.IsEmpty || start[0] is (byte)'{' or (byte)'[' ? InputFormat.Jsonl : InputFormat.Csv;
    }
}
