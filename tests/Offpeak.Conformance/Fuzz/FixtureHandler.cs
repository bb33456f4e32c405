using System.Net;

namespace Offpeak.Conformance.Fuzz;

/// <summary>Answers without a network: the fuzz tests read thousands of files.</summary>
internal sealed class FixtureHandler(Func<HttpRequestMessage, HttpContent?> answer) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Task.FromResult(answer(request) is { } content
            ? new HttpResponseMessage(HttpStatusCode.OK) { Content = content, RequestMessage = request }
            : new HttpResponseMessage(HttpStatusCode.NotFound) { RequestMessage = request });
}
