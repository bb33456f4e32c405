using System.Buffers;
using System.Net.Http.Headers;
using System.Text;
using Offpeak.Providers;

namespace Offpeak.XAI.Wire;

/// <summary>The body of one call that adds entries, filled until the next entry would not fit (xAI API reference, Batches, Add requests).</summary>
internal sealed class AppendBody(string kind, int maxBytes, int maxEntries)
{
    private static readonly byte[] Head = [.. "{\"batch_requests\":["u8];
    private static readonly byte[] Tail = [.. "]}"u8];
    private static readonly byte[] Open = [.. "{\"batch_request_id\":\""u8];
    private static readonly byte[] Close = [.. "}}"u8];

    private readonly byte[] middle = Encoding.UTF8.GetBytes("\",\"batch_request\":{\"" + kind + "\":");
    private readonly ArrayBufferWriter<byte> bytes = new();

    public int Count { get; private set; }

    /// <summary>An empty body takes any entry: one that is too large for xAI is for xAI to refuse.</summary>
    public bool Fits(SubmissionEntry entry) => Count == 0
        || (Count < maxEntries
            && bytes.WrittenCount + 1L + Open.Length + entry.WireId.Length + middle.Length + entry.Body.Length + Close.Length + Tail.Length <= maxBytes);

    public void Add(SubmissionEntry entry)
    {
        bytes.Write(Count == 0 ? Head : ","u8);
        bytes.Write(Open);
        Encoding.UTF8.GetBytes(entry.WireId, bytes);
        bytes.Write(middle);
        bytes.Write(entry.Body.Span);
        bytes.Write(Close);
        Count++;
    }

    /// <summary>The body as content, which must have been sent before <see cref="Clear"/>.</summary>
    public HttpContent ToContent()
    {
        bytes.Write(Tail);
        return new ReadOnlyMemoryContent(bytes.WrittenMemory) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
    }

    public void Clear()
    {
        bytes.ResetWrittenCount();
        Count = 0;
    }
}
