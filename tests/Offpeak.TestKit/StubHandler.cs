using System.Net;
using System.Text;

namespace Offpeak.TestKit;

/// <summary>Answers requests by a function and notes each of them.</summary>
public sealed class StubHandler(Func<WireCall, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
{
    private readonly List<WireCall> calls = [];

    /// <summary>Answers at once.</summary>
    public StubHandler(Func<WireCall, HttpResponseMessage> answer)
        : this((call, _) => Task.FromResult(answer(call)))
    {
    }

    /// <summary>What was sent, oldest first.</summary>
    public IReadOnlyList<WireCall> Calls => calls;

    /// <summary>An answer of JSON.</summary>
    public static HttpResponseMessage AsJson(string json, int status = 200) =>
        new((HttpStatusCode)status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    /// <summary>An answer of bytes.</summary>
    public static HttpResponseMessage Bytes(byte[] bytes) => new(HttpStatusCode.OK) { Content = new ByteArrayContent(bytes) };

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        var call = new WireCall(
            request.Method.Method, request.RequestUri!.PathAndQuery, body, request.Content?.Headers.ContentLength,
            request.Content?.Headers.ContentType?.ToString(),
            name => request.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null);
        lock (calls)
            calls.Add(call);
        return await answer(call, cancellationToken);
    }
}
