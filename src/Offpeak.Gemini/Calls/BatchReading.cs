using System.Buffers;
using Offpeak.Gemini.Wire;
using Offpeak.Kit.Http;
using Offpeak.Providers;

namespace Offpeak.Gemini.Calls;

/// <summary>A batch on its way in: its results one by one, then the operation itself. Holds one result at a time.</summary>
internal sealed class BatchReading(
    ProviderErrors errors, HttpResponseMessage response, Stream stream, IdleLimit limit, OperationSplitter splitter) : IAsyncDisposable
{
    private readonly byte[] buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
    private int at;
    private int end;

    public TimeSpan? RetryAfter { get; init; }

    public OperationSplitter Parts => splitter;

    /// <summary>Whether the answer ended before its results did, although nothing said so.</summary>
    public bool IsTorn => !splitter.IsWhole && !splitter.ListIsComplete;

    /// <summary>Moves to the next result; false at the end of the first list that held any, or of the answer.</summary>
    public async ValueTask<bool> MoveAsync(CancellationToken cancellationToken)
    {
        while (!splitter.ListIsComplete)
        {
            if (Split())
                return true;
            if (!splitter.ListIsComplete && !await FillAsync(cancellationToken))
                return false;
        }

        return false;
    }

    /// <summary>Reads to the end and returns the operation.</summary>
    /// <exception cref="ProviderException">The answer cannot be read.</exception>
    public async Task<OperationObject> FinishAsync(CancellationToken cancellationToken)
    {
        do
        {
            while (Split())
            {
            }
        }
        while (await FillAsync(cancellationToken));
        return (splitter.IsWhole ? OperationObject.Parse(splitter.Envelope) : null)
            ?? throw errors.Make(ProviderErrorClass.Unexpected, "The answer about the batch cannot be read");
    }

    public ValueTask DisposeAsync()
    {
        ArrayPool<byte>.Shared.Return(buffer);
        response.Dispose();
        limit.Dispose();
        return stream.DisposeAsync();
    }

    internal static bool IsBroken(Exception cause, CancellationToken cancellationToken) =>
        cause is HttpRequestException or IOException or TimeoutException
        || (cause is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private bool Split()
    {
        try
        {
            return splitter.Next(buffer.AsSpan(0, end), ref at);
        }
        catch (InvalidDataException cause)
        {
            throw errors.Make(ProviderErrorClass.Unexpected, "The answer about the batch cannot be read", cause);
        }
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        try
        {
            (at, end) = (0, await stream.ReadAsync(buffer, cancellationToken));
            return end > 0;
        }
        catch (Exception cause) when (IsBroken(cause, cancellationToken))
        {
            throw errors.FromNetwork(
                cause is OperationCanceledException ? new TimeoutException("The answer fell silent.", cause) : cause, BatchDownload.Action);
        }
    }
}
