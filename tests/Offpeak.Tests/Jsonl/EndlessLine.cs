namespace Offpeak.Tests.Jsonl;

/// <summary>A line of the given length that exists only as it is read.</summary>
internal sealed class EndlessLine(long length) : MemoryStream
{
    private long _left = length;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = (int)Math.Min(buffer.Length, _left);
        buffer.Span[..count].Fill((byte)'x');
        _left -= count;
        return ValueTask.FromResult(count);
    }
}
