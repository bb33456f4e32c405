using System.Net;
using System.Text;

namespace Offpeak.Gemini.Tests.Support;

/// <summary>Answers requests by a function and notes each of them.</summary>
internal sealed class StubHandler(Func<WireCall, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
{
    private readonly List<WireCall> calls = [];

    public StubHandler(Func<WireCall, HttpResponseMessage> answer) : this((call, _) => Task.FromResult(answer(call))) { }

    public IReadOnlyList<WireCall> Calls => calls;

    public IEnumerable<WireCall> Creates => calls.Where(call => call.Path.Contains(":batchGenerateContent") || call.Path.Contains(":asyncBatchEmbedContent"));

    public static HttpResponseMessage Json(string json, int status = 200) =>
        new((HttpStatusCode)status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    public static HttpResponseMessage Bytes(byte[] bytes) => new(HttpStatusCode.OK) { Content = new ByteArrayContent(bytes) };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        var call = new WireCall(
            request.Method.Method, request.RequestUri!.PathAndQuery, body, request.Content?.Headers.ContentLength,
            request.Content?.Headers.ContentType?.ToString(), request.Headers);
        calls.Add(call);
        return await answer(call, cancellationToken);
    }
}
