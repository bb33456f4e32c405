namespace Offpeak.Testing;

internal sealed class RequestLog
{
    private readonly Lock gate = new();
    private readonly List<LoggedRequest> requests = [];

    public int Begin(LoggedRequest request)
    {
        lock (gate)
        {
            requests.Add(request);
            return requests.Count - 1;
        }
    }

    public void End(int index, int? statusCode)
    {
        lock (gate)
            requests[index] = requests[index] with { StatusCode = statusCode };
    }

    public IReadOnlyList<LoggedRequest> Snapshot()
    {
        lock (gate)
            return [.. requests];
    }
}
