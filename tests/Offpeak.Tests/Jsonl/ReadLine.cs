using System.Text;
using Offpeak.Jsonl;

namespace Offpeak.Tests.Jsonl;

/// <summary>A line copied out of the reader; bytes are shown as Latin-1, which keeps every one of them.</summary>
internal sealed record ReadLine(long Number, string Bytes, bool Terminated = true, JsonlProblem? Problem = null)
{
    public static Task<List<ReadLine>> AllAsync(string latin1, int limit = JsonlReaderOptions.DefaultMaxLineBytes) =>
        AllAsync(new MemoryStream(Encoding.Latin1.GetBytes(latin1)), limit);

    public static async Task<List<ReadLine>> AllAsync(Stream stream, int limit = JsonlReaderOptions.DefaultMaxLineBytes)
    {
        var lines = new List<ReadLine>();
        await foreach (var line in JsonlReader.ReadAsync(stream, new JsonlReaderOptions { MaxLineBytes = limit }))
            lines.Add(new ReadLine(line.Number, Encoding.Latin1.GetString(line.Bytes.Span), line.Terminated, line.Problem));
        return lines;
    }
}
