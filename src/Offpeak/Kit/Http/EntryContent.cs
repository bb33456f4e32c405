using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Offpeak.Providers;

namespace Offpeak.Kit.Http;

/// <summary>The entries of a submission as a request body, written while they are read and with its exact length known beforehand.</summary>
[Experimental("OFFPEAK001")]
public sealed class EntryContent : HttpContent
{
    private const int FlushBytes = 64 * 1024;

    private readonly Submission submission;
    private readonly EntryFormat format;
    private readonly Action progress;
    private long written;

    /// <summary>Makes a body.</summary>
    /// <param name="submission">The entries.</param>
    /// <param name="format">What stands around them.</param>
    /// <param name="progress">Called before and after each write.</param>
    public EntryContent(Submission submission, EntryFormat format, Action progress)
    {
        this.submission = submission;
        this.format = format;
        this.progress = progress;
        Length = LengthOf(submission, format);
        Headers.ContentType = new MediaTypeHeaderValue(format.ContentType);
    }

    /// <summary>The exact length in bytes.</summary>
    public long Length { get; }

    /// <summary>The exact length in bytes of a body that is not made yet.</summary>
    public static long LengthOf(Submission submission, EntryFormat format) =>
        submission.BodyBytes + submission.WireIdBytes + format.Overhead(submission.EntryCount);

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = Length;
        return true;
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        written = 0;
        var isFirst = true;
        var buffer = new ArrayBufferWriter<byte>(2 * FlushBytes);
        buffer.Write(format.Head);
        await foreach (var entry in submission.ReadEntriesAsync(cancellationToken))
        {
            if (!isFirst)
                buffer.Write(format.Separator);
            isFirst = false;
            Write(buffer, entry);
            if (buffer.WrittenCount >= FlushBytes)
                await FlushAsync(buffer, stream, cancellationToken);
        }
        buffer.Write(format.Tail);
        await FlushAsync(buffer, stream, cancellationToken);
        if (written != Length)
            throw WrongLength();
    }

    private void Write(ArrayBufferWriter<byte> buffer, SubmissionEntry entry)
    {
        buffer.Write(format.Open);
        if (format.BodyFirst)
            buffer.Write(entry.Body.Span);
        else
            Encoding.UTF8.GetBytes(entry.WireId, buffer);
        buffer.Write(format.Middle);
        if (format.BodyFirst)
            Encoding.UTF8.GetBytes(entry.WireId, buffer);
        else
            buffer.Write(entry.Body.Span);
        buffer.Write(format.Close);
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
