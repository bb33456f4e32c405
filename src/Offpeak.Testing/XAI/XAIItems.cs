using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Offpeak.Testing.Compatible;

namespace Offpeak.Testing.XAI;

/// <summary>Items of the results (xAI API reference: List results).</summary>
internal static class XAIItems
{
    /// <summary>A chat completion stands under its own name whatever kind the request was.</summary>
    public static void WriteAnswer(Utf8JsonWriter writer, string id, OpenAIAnswer answer)
    {
        writer.WriteStartObject();
        writer.WriteString("batch_request_id", id);
        writer.WriteStartObject("batch_result");
        writer.WriteStartObject("response");
        writer.WritePropertyName(XAIRequestReader.Chat);
        answer.Write(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public static void WriteError(Utf8JsonWriter writer, string id, int code, string message)
    {
        writer.WriteStartObject();
        writer.WriteString("batch_request_id", id);
        writer.WriteStartObject("batch_result");
        writer.WriteStartObject("error");
        writer.WriteNumber("code", code);
        writer.WriteString("message", message);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteString("error_message", message);
        writer.WriteEndObject();
    }

    /// <summary>What a client finds when it reads all pages now: which request, and a line fault on its item.</summary>
    public static List<(int Ordinal, FaultAction? Change)> Of(XAIView view, EmulatorOptions options)
    {
        var faults = view.Batch.Faults.Where(fault => fault.ChangesResultFiles).ToList();
        var items = new List<(int, FaultAction?)>();
        for (var i = 0; i < view.Entries.Count; i++)
        {
            if (view.Fates[i] == XAIFate.Pending)
                continue;
            var actions = faults.Where(fault => fault.Strikes(i, view.Entries[i].Id)).Select(fault => fault.Action).ToList();
            if (actions.Contains(FaultAction.OmitLine))
                continue;
            items.Add((i, actions.Find(action => action is FaultAction.MalformLine or FaultAction.RenameLine) is var change && change != default ? change : null));
            items.AddRange(actions.Where(action => action is FaultAction.DuplicateLine or FaultAction.ContradictLine).Select(action => (i, (FaultAction?)action)));
        }

        if (options.ShuffleResults || view.Batch.Faults.Any(fault => fault.Action == FaultAction.ShuffleLines))
            new Random(options.Seed).Shuffle(CollectionsMarshal.AsSpan(items));
        return items;
    }

    public static byte[] Render(XAIView view, FileStream spool, (int Ordinal, FaultAction? Change) item)
    {
        var entry = view.Entries[item.Ordinal];
        if (item.Change == FaultAction.ContradictLine)
            return Error(entry.Id, 13, "The server had an error.");
        if (view.Fates[item.Ordinal] is XAIFate.Cancelled)
            return Error(entry.Id, 1, "The batch was cancelled.");
        if (view.Fates[item.Ordinal] is XAIFate.TimedOut)
            return Error(entry.Id, 4, "The request was not processed in time.");
        var bytes = new byte[entry.Length];
        RandomAccess.Read(spool.SafeFileHandle, bytes, entry.Offset);
        return item.Change switch
        {
            FaultAction.MalformLine => JsonSerializer.SerializeToUtf8Bytes(Encoding.UTF8.GetString(bytes.AsSpan(0, bytes.Length / 2))),
            FaultAction.RenameLine => Renamed(bytes, entry.Id),
            _ => bytes,
        };
    }

    private static byte[] Error(string id, int code, string message)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
            WriteError(writer, id, code, message);
        return bytes.ToArray();
    }

    private static byte[] Renamed(byte[] item, string id)
    {
        var node = JsonNode.Parse(item)!;
        node["batch_request_id"] = id + "-unknown";
        return JsonSerializer.SerializeToUtf8Bytes(node);
    }
}
