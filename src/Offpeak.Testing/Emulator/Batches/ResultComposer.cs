using System.Buffers;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Offpeak.Testing;

/// <summary>Makes the result files of an ended batch out of its spooled lines.</summary>
internal sealed class ResultComposer(FileStore files, EmulatorOptions options, IResultLines lines)
{
    public BatchSettlement Compose(BatchRecord batch, BatchRun run, BatchState state)
    {
        var done = run.DoneAt(state.Progress);
        var shuffled = options.ShuffleResults || batch.Order.FaultOf(FaultAction.ShuffleLines) is not null;
        var outputs = Lines(batch, run, done, succeeded: true, shuffled);
        var errors = Lines(batch, run, done, succeeded: false, shuffled);
        var output = outputs.Count == 0 ? null : Write(run.OutputPath, outputs, run, leftOver: null, done);
        var leftOver = LeftOverCode(state.Status);
        var hasErrors = errors.Count > 0 || (leftOver is not null && done < run.Entries.Count)
            || batch.Order.FaultOf(FaultAction.EmptyErrorFile) is not null;
        var error = hasErrors ? Write(run.ErrorPath, errors, run, leftOver, done) : null;
        return new BatchSettlement(Publish(batch, state, output, "output"), Publish(batch, state, error, "error"));
    }

    private string? LeftOverCode(BatchStatus status) => status switch
    {
        BatchStatus.Expired => "batch_expired",
        BatchStatus.Cancelled when options.OpenAIDialect.WriteCancelledLines => "batch_cancelled",
        _ => null,
    };

    private List<ResultLine> Lines(BatchRecord batch, BatchRun run, int done, bool succeeded, bool shuffled)
    {
        var faults = batch.Order.Faults.Where(fault => fault.Action is >= FaultAction.MalformLine and <= FaultAction.RenameLine).ToList();
        var result = new List<ResultLine>();
        for (var i = 0; i < done; i++)
        {
            if (run.Entries[i].Succeeded == succeeded)
                result.AddRange(LinesOf(i, run.Entries[i], faults));
        }

        if (shuffled)
            Shuffle(result, new Random(options.Seed));
        return result;
    }

    private static IEnumerable<ResultLine> LinesOf(int ordinal, SpooledEntry entry, List<Fault> faults)
    {
        if (faults.Count == 0)
            return [new ResultLine(ordinal, FaultAction.DropBeforeCommit)];
        var actions = faults.Where(fault => fault.Strikes(ordinal, entry.CustomId)).Select(fault => fault.Action).ToList();
        if (actions.Contains(FaultAction.OmitLine))
            return [];
        var first = actions.FirstOrDefault(action => action is FaultAction.MalformLine or FaultAction.RenameLine);
        var more = actions.Where(action => action is FaultAction.DuplicateLine or FaultAction.ContradictLine);
        return [new ResultLine(ordinal, first), .. more.Select(action => new ResultLine(ordinal, action))];
    }

    private static void Shuffle(List<ResultLine> result, Random random) =>
        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(result));

    private string Write(string spoolPath, List<ResultLine> wanted, BatchRun run, string? leftOver, int done)
    {
        var path = files.NewPath();
        using var spool = File.OpenHandle(spoolPath);
        using var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 256 * 1024);
        foreach (var line in wanted)
            Write(target, spool, line, run.Entries[line.Ordinal]);
        for (var i = done; leftOver is not null && i < run.Entries.Count; i++)
            WriteGenerated(target, writer => lines.WriteError(writer, run.Entries[i].CustomId, leftOver));
        return path;
    }

    private void Write(FileStream target, SafeFileHandle spool, ResultLine line, SpooledEntry entry)
    {
        if (line.Change == FaultAction.ContradictLine)
        {
            WriteGenerated(target, writer => lines.WriteRefusal(writer, entry.CustomId, 500));
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(entry.Length);
        var bytes = buffer.AsSpan(0, RandomAccess.Read(spool, buffer.AsSpan(0, entry.Length), entry.Offset));
        if (line.Change == FaultAction.MalformLine)
            target.Write([.. bytes[..(bytes.Length / 2)], (byte)'\n']);
        else if (line.Change == FaultAction.RenameLine)
            target.Write(Renamed(bytes, entry.CustomId));
        else
            target.Write(bytes);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private static byte[] Renamed(ReadOnlySpan<byte> line, string customId)
    {
        var node = System.Text.Json.Nodes.JsonNode.Parse(line)!;
        node["custom_id"] = customId + "-unknown";
        return [.. JsonSerializer.SerializeToUtf8Bytes(node), (byte)'\n'];
    }

    private static void WriteGenerated(FileStream target, Action<Utf8JsonWriter> write)
    {
        using (var writer = new Utf8JsonWriter(target))
            write(writer);
        target.WriteByte((byte)'\n');
    }

    private string? Publish(BatchRecord batch, BatchState state, string? path, string kind) =>
        path is null
            ? null
            : files.Adopt(path, $"{batch.Id}_{kind}.jsonl", "batch_output", state.EndedAt!.Value, batch.Order.OutputExpiresAfter).Id;

    /// <param name="Ordinal">Which request.</param>
    /// <param name="Change">A line action; <see cref="FaultAction.DropBeforeCommit"/>, the default, stands for none.</param>
    private readonly record struct ResultLine(int Ordinal, FaultAction Change);
}
