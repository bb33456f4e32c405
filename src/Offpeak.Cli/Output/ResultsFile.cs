using System.Text;
using Offpeak.Cli.Input;

namespace Offpeak.Cli.Output;

/// <summary>Writes a batch's results to a file (by way of a temporary one, so that a half-written file never bears the name) or to standard output.</summary>
internal static class ResultsFile
{
    public static readonly OffpeakErrorCode NotWritten = new("results_not_written");

    /// <summary>Refuses a place that cannot be written to, or must not be: better said now than when the answers are there.</summary>
    /// <param name="path">The place.</param>
    /// <param name="needed">Files that the command works with.</param>
    /// <exception cref="InputException">It is a directory, a device or a file that is needed, or its folder does not exist.</exception>
    public static void Check(string path, params IEnumerable<string> needed)
    {
        if (path == "-")
            return;

        if (needed.FirstOrDefault(file => RealPath.AreSame(file, path)) is { } lost)
            throw new InputException($"The output {path} would overwrite {lost}, which this command works with. Name another file with --output.");

        // A file is put in the place of another, so a device would be gone.
        if (RealPath.Of(path).StartsWith("/dev/", StringComparison.Ordinal))
            throw new InputException($"The output {path} is a device. Name a file with --output, or - for standard output.");

        if (Directory.Exists(path))
            throw new InputException($"The output {path} is a directory. Name a file with --output.");
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder && !Directory.Exists(folder))
            throw new InputException($"There is no folder {folder} to write the results to. Make it, or name another file with --output.");
    }

    /// <summary>Makes the temporary file and takes it away again, as the only way to know that the folder may be written to.</summary>
    /// <exception cref="InputException">It may not.</exception>
    public static void TryMake(string path)
    {
        if (path == "-")
            return;

        try
        {
            using var file = Make(Temporary(path), FileOptions.DeleteOnClose);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"The results cannot be written to {path}: {error.Message.TrimEnd('.')}. Nothing was sent; name another file with --output.", error);
        }
    }

    public static async Task WriteAsync(
        BatchClient client, long batchId, string path, ResultsFormat format, Database database, CancellationToken ct)
    {
        if (path == "-")
        {
            await using var output = Console.OpenStandardOutput();
            await WriteAsync(client, batchId, output, format, ct);
            return;
        }

        var temporary = Temporary(path);
        try
        {
            await using (var file = Make(temporary, FileOptions.Asynchronous))
            {
                await WriteAsync(client, batchId, file, format, ct);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error)
        {
            Delete(temporary);
            if (error is not (IOException or UnauthorizedAccessException))
                throw;

            throw new OffpeakException(
                NotWritten,
                $"The results cannot be written to {path} ({error.Message.TrimEnd('.')}). They are safe in {database.Name}; "
                + $"'{database.Suggest($"results {batchId}")} --output FILE' writes them to another place.",
                error);
        }
    }

    private static async Task WriteAsync(BatchClient client, long batchId, Stream output, ResultsFormat format, CancellationToken ct)
    {
        if (format == ResultsFormat.Csv)
            await output.WriteAsync(Encoding.UTF8.GetBytes(CsvLine.Header), ct);

        using var results = new ResultWriter();
        await foreach (var entry in Ahead.ReadAsync(client.ReadEntriesAsync(batchId, ct), entry => entry.Body.Length, ct))
        {
            await output.WriteAsync(
                format switch
                {
                    ResultsFormat.Csv => Encoding.UTF8.GetBytes(CsvLine.Write(entry)),
                    ResultsFormat.Raw => results.WriteRaw(entry),
                    _ => results.Write(entry),
                },
                ct);
        }

        await output.FlushAsync(ct);
    }

    // Answers are as little everybody's business as the database that they come from.
    private static FileStream Make(string path, FileOptions options)
    {
        var how = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 1 << 16, Options = options };
        if (!OperatingSystem.IsWindows())
            how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        return new FileStream(path, how);
    }

    private static string Temporary(string path) => $"{path}.{Environment.ProcessId}.tmp";

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The reason that is reported is the first one.
        }
    }
}
