using System.Globalization;
using System.Text.Json;
using Offpeak.Cli.Input;
using Offpeak.Jsonl;

namespace Offpeak.Cli.Output;

/// <summary>
/// The file that a batch's results may take: one that is not there, or holds nothing that the batch does not hold too, so that no answer is
/// lost. The file itself is asked, because nothing else knows who wrote it last.
/// </summary>
/// <param name="client">Knows the batch's entries.</param>
/// <param name="path">The file that is wished for; <c>-</c> for standard output.</param>
/// <param name="format">What is to be written.</param>
/// <param name="force">Whether a file of others may be overwritten.</param>
internal sealed class ResultsPlace(BatchClient client, string path, ResultsFormat format, bool force)
{
    /// <summary>Refuses a file that holds something else.</summary>
    /// <param name="batchId">The batch whose results come; null if it is still to be made.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="InputException">It does.</exception>
    public async Task CheckAsync(long? batchId, CancellationToken ct)
    {
        if (await IsFreeAsync(path, batchId, ct))
            return;

        // Only JSONL is compared with what comes.
        var holds = format != ResultsFormat.Jsonl ? "" : $" and holds something else than older results of {(batchId is null ? "this input" : $"batch {batchId}")}";
        throw new InputException($"{path} exists{holds}. Name another file with --output, or overwrite it with --force.");
    }

    /// <summary>The file that is wished for, or one with the batch's number in its name.</summary>
    public async Task<string> ChooseAsync(long batchId, CancellationToken ct)
    {
        var chosen = path;
        for (var copy = 1; !await IsFreeAsync(chosen, batchId, ct); copy++)
        {
            var number = string.Create(CultureInfo.InvariantCulture, $"-{batchId}{(copy == 1 ? "" : $"-{copy}")}");
            chosen = $"{Path.ChangeExtension(path, null)}{number}{Path.GetExtension(path)}";
        }

        return chosen;
    }

    private async Task<bool> IsFreeAsync(string file, long? batchId, CancellationToken ct)
    {
        if (force || file == "-" || new FileInfo(file) is not { Exists: true, Length: > 0 })
            return true;

        try
        {
            return batchId is { } id && format == ResultsFormat.Jsonl && await HoldsOnlyAsync(file, id, ct);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // Both are in input order. An answer stays as it is; what was not answered then may be by now.
    private async Task<bool> HoldsOnlyAsync(string file, long batchId, CancellationToken ct)
    {
        await using var stream = File.OpenRead(file);
        await using var entries = client.ReadEntriesAsync(batchId, ct).GetAsyncEnumerator(ct);
        using var results = new ResultWriter();
        await foreach (var line in JsonlReader.ReadAsync(stream, cancellationToken: ct))
        {
            if (!await entries.MoveNextAsync())
                return false;

            var present = results.Write(entries.Current)[..^1];
            if (!line.Bytes.Span.SequenceEqual(present.Span) && !IsUnanswered(line.Bytes, present))
                return false;
        }

        return true;
    }

    private static bool IsUnanswered(ReadOnlyMemory<byte> line, ReadOnlyMemory<byte> present)
    {
        try
        {
            using var then = JsonDocument.Parse(line);
            using var now = JsonDocument.Parse(present, new JsonDocumentOptions { MaxDepth = ResultWriter.MaxDepth });
            return then.RootElement.EnumerateObject().Select(field => field.Name).SequenceEqual(now.RootElement.EnumerateObject().Select(field => field.Name))
                && then.RootElement.GetProperty("id").ValueEquals(now.RootElement.GetProperty("id").GetString())
                && !then.RootElement.GetProperty("status").ValueEquals("succeeded");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
