using System.Net.Http.Headers;
using System.Text;

namespace Offpeak.Gemini.Tests.Support;

/// <summary>A request as it was sent.</summary>
internal sealed record WireCall(string Method, string Path, byte[] Body, long? ContentLength, string? ContentType, HttpRequestHeaders? Headers)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public string? Header(string name) =>
        Headers?.TryGetValues(name, out var values) == true ? string.Join(',', values) : null;

    public override string ToString() => $"{Method} {Path}";
}
