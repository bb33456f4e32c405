using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Offpeak.Kit.Json;
using Offpeak.Providers;

namespace Offpeak.Kit.Http;

/// <summary>The entries of a submission as a request body, written while they are read and with its exact length known beforehand.</summary>
[Experimental("OFFPEAK001")]
public sealed class EntryContent : HttpContent
{
    private const int FlushBytes = 64 * 1024;

    private readonly Func<CancellationToken, IAsyncEnumerable<SubmissionEntry>> entries;
    private readonly EntryFormat format;
    private readonly Action progress;
    private readonly bool readsOnce;
    private long written;

    /// <summary>Makes a body of all entries.</summary>
    /// <param name="submission">The entries.</param>
    /// <param name="format">What stands around them.</param>
    /// <param name="progress">Called before and after each write.</param>
    public EntryContent(Submission submission, EntryFormat format, Action progress)
        : this(submission.ReadEntriesAsync, LengthOf(submission, format), format, progress, readsOnce: true)
    {
    }

    /// <summary>Makes a body of some entries.</summary>
    /// <param name="entries">The entries. They stay as they are until the request has been sent.</param>
    /// <param name="format">What stands around them.</param>
    /// <param name="progress">Called before and after each write.</param>
    public EntryContent(IReadOnlyCollection<SubmissionEntry> entries, EntryFormat format, Action progress)
        : this(_ => entries.ToAsyncEnumerable(), entries.Sum(BytesOf) + format.Overhead(entries.Count), format, progress, readsOnce: false)
    {
    }

    private EntryContent(
        Func<CancellationToken, IAsyncEnumerable<SubmissionEntry>> entries, long length, EntryFormat format, Action progress, bool readsOnce)
    {
        this.readsOnce = readsOnce;
        this.entries = entries;
        this.format = format;
        this.progress = progress;
        Length = length;
        Headers.ContentType = new MediaTypeHeaderValue(format.ContentType);
    }

    /// <summary>The exact length in bytes.</summary>
    public long Length { get; }

    /// <summary>The exact length in bytes of a body that is not made yet.</summary>
    public static long LengthOf(Submission submission, EntryFormat format) =>
        submission.BodyBytes + submission.WireIdBytes + format.Overhead(submission.EntryCount);

    /// <summary>What an entry adds beside its format, in bytes.</summary>
    public static long BytesOf(SubmissionEntry entry) => (long)Encoding.UTF8.GetByteCount(entry.WireId) + entry.Body.Length;

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
        await foreach (var entry in entries(cancellationToken))
        {
            buffer.Write(isFirst ? [] : format.Separator);
            isFirst = false;
            await WriteAsync(buffer, entry, stream, cancellationToken);
            if (readsOnce)
                LargeBodies.Return(entry.Body);
        }

        buffer.Write(format.Tail);
        await FlushAsync(buffer, stream, cancellationToken);
        if (written != Length)
            throw WrongLength();
    }

    private async Task WriteAsync(ArrayBufferWriter<byte> buffer, SubmissionEntry entry, Stream stream, CancellationToken cancellationToken)
    {
        buffer.Write(format.Open);
        if (format.BodyFirst)
            await WriteBodyAsync(buffer, entry.Body, stream, cancellationToken);
        else
            Encoding.UTF8.GetBytes(entry.WireId, buffer);
        buffer.Write(format.Middle);
        if (format.BodyFirst)
            Encoding.UTF8.GetBytes(entry.WireId, buffer);
        else
            await WriteBodyAsync(buffer, entry.Body, stream, cancellationToken);
        buffer.Write(format.Close);
    }

    /// <summary>Writes past the buffer what would only make it grow.</summary>
    private async ValueTask WriteBodyAsync(
        ArrayBufferWriter<byte> buffer, ReadOnlyMemory<byte> body, Stream stream, CancellationToken cancellationToken)
    {
        if (buffer.WrittenCount + body.Length <= FlushBytes)
        {
            buffer.Write(body.Span);
            return;
        }

        await FlushAsync(buffer, stream, cancellationToken);
        if (body.Length <= FlushBytes)
            buffer.Write(body.Span);
        else
            await SendAsync(body, stream, cancellationToken);
    }

    private async Task FlushAsync(ArrayBufferWriter<byte> buffer, Stream stream, CancellationToken cancellationToken)
    {
        await SendAsync(buffer.WrittenMemory, stream, cancellationToken);
        buffer.ResetWrittenCount();
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, Stream stream, CancellationToken cancellationToken)
    {
        written += bytes.Length;
        if (written > Length)
            throw WrongLength();
        progress();
        await stream.WriteAsync(bytes, cancellationToken);
        progress();
    }

    /// <summary>Entries that do not add up would look like network trouble on the wire and be tried again for ever.</summary>
    private static OffpeakException WrongLength() =>
        new(OffpeakErrorCode.InvalidState, "The entries of the shard do not add up to the lengths it was announced with.");
}
