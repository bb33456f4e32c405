namespace Offpeak.Tests.Jsonl;

/// <summary>A line of the given length that exists only as it is read.</summary>
internal sealed class EndlessLine(long length) : MemoryStream
{
    private long left = length;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = (int)Math.Min(buffer.Length, left);
        buffer.Span[..count].Fill((byte)'x');
        left -= count;
        return ValueTask.FromResult(count);
    }
}
