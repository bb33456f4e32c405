using System.Text;

namespace Offpeak.Anthropic.Tests.Support;

/// <summary>A request as it was sent.</summary>
internal sealed record WireCall(string Method, string Path, byte[] Body, long? ContentLength, string? ContentType, string? ApiKey, string? Version)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public override string ToString() => $"{Method} {Path}";
}
