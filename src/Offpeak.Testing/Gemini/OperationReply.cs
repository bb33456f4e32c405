using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Offpeak.Testing.Gemini;

/// <summary>An operation whose results are put in from a file when it is sent, so that they are never held in memory.</summary>
internal sealed class OperationReply(JsonNode body, string resultsPath, string temporaryPath) : JsonReply(body)
{
    /// <summary>Stands in the body where the list of results belongs.</summary>
    public const string Placeholder = "@results@";

    public override Stream Open()
    {
        using var template = new MemoryStream();
        using (var source = base.Open())
            source.CopyTo(template);
        var whole = new FileStream(
            temporaryPath, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, 256 * 1024, FileOptions.DeleteOnClose);
        var parts = Encoding.UTF8.GetString(template.ToArray()).Split($"\"{Placeholder}\"");
        for (var i = 0; i < parts.Length; i++)
        {
            if (i > 0)
                WriteResults(whole);
            whole.Write(Encoding.UTF8.GetBytes(parts[i]));
        }

        whole.Position = 0;
        return whole;
    }

    private void WriteResults(FileStream target)
    {
        var separator = "["u8;
        foreach (var line in JsonLines.Read(resultsPath))
        {
            target.Write(separator);
            separator = ","u8;
            if (IsJson(line.Span))
                target.Write(line.Span);
            else
                target.Write(JsonSerializer.SerializeToUtf8Bytes(Encoding.UTF8.GetString(line.Span)));
        }

        target.Write(separator[0] == '[' ? "[]"u8 : "]"u8);
    }

    // A line that a fault has cut in half would break the whole document, which no server sends; it becomes an item that says nothing.
    private static bool IsJson(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
