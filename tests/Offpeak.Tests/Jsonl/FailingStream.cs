namespace Offpeak.Tests.Jsonl;

/// <summary>Serves its content and then breaks, as a dropped connection does.</summary>
internal sealed class FailingStream(byte[] content) : MemoryStream(content)
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await base.ReadAsync(buffer, cancellationToken);
        return read > 0 ? read : throw new IOException("The connection was reset.");
    }
}
