using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Offpeak.Testing.Dialects;

/// <summary>The results of an ended batch as a JSON array, for servers that put them into the batch.</summary>
internal static class ResultList
{
    public static JsonArray Read(EmulatorState state, BatchView view)
    {
        var list = new JsonArray();
        foreach (var id in (string?[])[view.Files.OutputFileId, view.Files.ErrorFileId])
        {
            if (id is null || state.Files.Find(id) is not { } file)
                continue;
            foreach (var line in JsonLines.Read(state.Files.PathOf(file)))
                list.Add(Parse(line));
        }

        return list;
    }

    /// <summary>A broken line becomes a text, so that the array around it stays whole.</summary>
    private static JsonNode? Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            return JsonNode.Parse(line.Span);
        }
        catch (JsonException)
        {
            return Encoding.UTF8.GetString(line.Span);
        }
    }
}
