using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Win32.SafeHandles;

namespace Offpeak.Testing;

/// <summary>Makes the result files of an ended batch out of its spooled lines.</summary>
internal sealed class ResultComposer(FileStore files, IResultLines lines, bool shuffles, int seed)
{
    public BatchSettlement Compose(BatchRecord batch, BatchRun run, BatchMoment state)
    {
        var done = run.DoneAt(state.Progress);
        var leftOver = done < run.Entries.Count ? LeftOverCode(state.Status) : null;
        var isOneFile = run.ErrorPath is null;
        var output = Compose(batch, run, done, succeeded: true, isOneFile ? leftOver : null);
        var error = isOneFile ? null : Compose(batch, run, done, succeeded: false, leftOver);
        if (error is null && (batch.Order.HasEmptyErrorFile || batch.Order.FaultOf(FaultAction.EmptyErrorFile) is not null))
            File.WriteAllBytes(error = files.NewPath(), []);
        var settlement = new BatchSettlement(Publish(batch, state, output, "output"), Publish(batch, state, error, "error"));
        run.DeleteSpools();
        return settlement;
    }

    private string? Compose(BatchRecord batch, BatchRun run, int done, bool succeeded, string? leftOver)
    {
        var spool = succeeded ? run.OutputPath : run.ErrorPath!;
        var shuffled = shuffles || batch.Order.FaultOf(FaultAction.ShuffleLines) is not null;
        var faults = batch.Order.Faults.Where(fault => fault.ChangesResultFiles).ToList();
        var wanted = Lines(run, done, succeeded, faults);
        if (wanted.Count == 0 && leftOver is null)
            return null;
        // A whole batch without faults, by far the most frequent, needs no copy of its spool.
        if (done == run.Entries.Count && !shuffled && faults.Count == 0)
            return spool;
        if (shuffled)
            new Random(seed).Shuffle(CollectionsMarshal.AsSpan(wanted));
        return Write(spool, wanted, run, leftOver, done);
    }

    private string? LeftOverCode(BatchPhase status) => status switch
    {
        BatchPhase.Expired => "batch_expired",
        BatchPhase.Cancelled when lines.TellsCancelled => "batch_cancelled",
        _ => null,
    };

    private static List<WantedLine> Lines(BatchRun run, int done, bool succeeded, List<Fault> faults)
    {
        var result = new List<WantedLine>(done);
        for (var i = 0; i < done; i++)
        {
            if (run.ErrorPath is null || run.Entries[i].Succeeded == succeeded)
                AddLines(result, i, run.Entries[i], faults);
        }

        return result;
    }

    private static void AddLines(List<WantedLine> result, int ordinal, SpooledEntry entry, List<Fault> faults)
    {
        var actions = faults.Where(fault => fault.Strikes(ordinal, entry.CustomId)).Select(fault => fault.Action).ToList();
        if (actions.Contains(FaultAction.OmitLine))
            return;
        result.Add(new WantedLine(ordinal, actions.FirstOrDefault(action => action is FaultAction.MalformLine or FaultAction.RenameLine)));
        result.AddRange(actions
            .Where(action => action is FaultAction.DuplicateLine or FaultAction.ContradictLine)
            .Select(action => new WantedLine(ordinal, action)));
    }

    private string Write(string spoolPath, List<WantedLine> wanted, BatchRun run, string? leftOver, int done)
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

    private void Write(FileStream target, SafeFileHandle spool, WantedLine line, SpooledEntry entry)
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

    private byte[] Renamed(ReadOnlySpan<byte> line, string customId)
    {
        var node = JsonNode.Parse(line)!;
        lines.Rename(node, customId + "-unknown");
        return [.. JsonSerializer.SerializeToUtf8Bytes(node), (byte)'\n'];
    }

    private static void WriteGenerated(FileStream target, Action<Utf8JsonWriter> write)
    {
        using (var writer = new Utf8JsonWriter(target))
            write(writer);
        target.WriteByte((byte)'\n');
    }

    private string? Publish(BatchRecord batch, BatchMoment state, string? path, string kind) =>
        path is null
            ? null
            : files.Adopt(path, $"{batch.Id}_{kind}.jsonl", "batch_output", state.EndedAt!.Value, batch.Order.OutputExpiresAfter).Id;

    /// <param name="Ordinal">Which request.</param>
    /// <param name="Change">A line action; <see cref="FaultAction.DropBeforeCommit"/>, the default, stands for none.</param>
    private readonly record struct WantedLine(int Ordinal, FaultAction Change);
}
