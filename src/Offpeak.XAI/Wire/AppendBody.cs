using System.Text;
using Offpeak.Kit.Http;
using Offpeak.Providers;

namespace Offpeak.XAI.Wire;

/// <summary>The body of one call that adds entries, filled until the next entry would not fit (xAI API reference, Batches, Add requests).</summary>
internal sealed class AppendBody(string kind, int maxBytes, int maxEntries)
{
    private readonly EntryFormat format = new()
    {
        Head = [.. "{\"batch_requests\":["u8],
        Open = [.. "{\"batch_request_id\":\""u8],
        Middle = Encoding.UTF8.GetBytes("\",\"batch_request\":{\"" + kind + "\":"),
        Close = [.. "}}"u8],
        Separator = [.. ","u8],
        Tail = [.. "]}"u8],
        ContentType = "application/json",
    };

    private readonly List<SubmissionEntry> entries = [];
    private long bytes;

    public int Count => entries.Count;

    /// <summary>An empty body takes any entry: one that is too large for xAI is for xAI to refuse.</summary>
    public bool Fits(SubmissionEntry entry) => Count == 0
        || (Count < maxEntries && bytes + EntryContent.BytesOf(entry) + format.Overhead(Count + 1) <= maxBytes);

    public void Add(SubmissionEntry entry)
    {
        entries.Add(entry);
        bytes += EntryContent.BytesOf(entry);
    }

    /// <summary>The body as content, which must have been sent before <see cref="Clear"/>.</summary>
    /// <param name="progress">Called before and after each write.</param>
    public EntryContent ToContent(Action progress) => new(entries, format, progress);

    public void Clear()
    {
        entries.Clear();
        bytes = 0;
    }
}
