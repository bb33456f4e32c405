using System.Text;

namespace Offpeak.OpenAI.Tests.Support;

/// <summary>A request as it was sent.</summary>
internal sealed record WireCall(string Method, string Path, byte[] Body, long? ContentLength, string? ContentType, string? Authorization)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public override string ToString() => $"{Method} {Path}";
}
