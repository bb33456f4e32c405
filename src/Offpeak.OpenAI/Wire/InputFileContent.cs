using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Wire;

/// <summary>
/// The input file, one line an entry (OpenAI API reference, Batch, request input object), written while the entries are read and with
/// its exact length known beforehand.
/// </summary>
internal sealed class InputFileContent : HttpContent
{
    private const int FlushBytes = 64 * 1024;

    private readonly Submission submission;
    private readonly Action progress;
    private readonly byte[] middle;
    private long written;

    public InputFileContent(Submission submission, Action progress)
    {
        this.submission = submission;
        this.progress = progress;
        var url = JsonEncodedText.Encode(submission.Endpoint.Path, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
        middle = [.. "\",\"method\":\"POST\",\"url\":\""u8, .. url.EncodedUtf8Bytes, .. "\",\"body\":"u8];
        Length = submission.BodyBytes + submission.WireIdBytes + (long)submission.EntryCount * (Start.Length + middle.Length + End.Length);
        Headers.ContentType = new MediaTypeHeaderValue("application/jsonl");
    }

    public long Length { get; }

    private static ReadOnlySpan<byte> Start => "{\"custom_id\":\""u8;

    private static ReadOnlySpan<byte> End => "}\n"u8;

    protected override bool TryComputeLength(out long length)
    {
        length = Length;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        written = 0;
        var buffer = new ArrayBufferWriter<byte>(2 * FlushBytes);
        await foreach (var entry in submission.ReadEntriesAsync(cancellationToken))
        {
            WriteLine(buffer, entry);
            if (buffer.WrittenCount >= FlushBytes)
                await FlushAsync(buffer, stream, cancellationToken);
        }
        await FlushAsync(buffer, stream, cancellationToken);
        if (written != Length)
            throw WrongLength();
    }

    private void WriteLine(ArrayBufferWriter<byte> buffer, SubmissionEntry entry)
    {
        buffer.Write(Start);
        Encoding.UTF8.GetBytes(entry.WireId, buffer);
        buffer.Write(middle);
        buffer.Write(entry.Body.Span);
        buffer.Write(End);
    }

    private async Task FlushAsync(ArrayBufferWriter<byte> buffer, Stream stream, CancellationToken cancellationToken)
    {
        written += buffer.WrittenCount;
        if (written > Length)
            throw WrongLength();
        progress();
        await stream.WriteAsync(buffer.WrittenMemory, cancellationToken);
        buffer.ResetWrittenCount();
        progress();
    }

    /// <summary>Entries that do not add up would look like network trouble on the wire and be tried again for ever.</summary>
    private static OffpeakException WrongLength() =>
        new(OffpeakErrorCode.InvalidState, "The entries of the shard do not add up to the lengths it was announced with.");
}
