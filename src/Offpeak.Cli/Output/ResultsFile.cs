using System.Text;

namespace Offpeak.Cli.Output;

/// <summary>Writes a batch's results to a file (by way of a temporary one, so that a half-written file never bears the name) or to standard output.</summary>
internal static class ResultsFile
{
    public static async Task WriteAsync(BatchClient client, long batchId, string path, bool csv, CancellationToken ct)
    {
        if (path == "-")
        {
            await using var output = Console.OpenStandardOutput();
            await WriteAsync(client, batchId, output, csv, ct);
            return;
        }

        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            await using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16, useAsync: true))
            {
                await WriteAsync(client, batchId, file, csv, ct);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Delete(temporary);
            throw new OffpeakException(
                new OffpeakErrorCode("output"),
                $"The results cannot be written to {path} ({error.Message.TrimEnd('.')}). They are safe in {CliServices.DatabasePath}; "
                + $"'{CliServices.Suggest($"results {batchId}")} --output FILE' writes them to another place.", error);
        }
    }

    private static async Task WriteAsync(BatchClient client, long batchId, Stream output, bool csv, CancellationToken ct)
    {
        if (csv)
            await output.WriteAsync(Encoding.UTF8.GetBytes(CsvLine.Header), ct);
        using var line = new ResultLine();
        await foreach (var entry in client.ReadEntriesAsync(batchId, ct))
            await output.WriteAsync(csv ? Encoding.UTF8.GetBytes(CsvLine.Write(entry)) : line.Write(entry), ct);
        await output.FlushAsync(ct);
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (IOException)
        {
            // The reason that is reported is the first one.
        }
    }
}
