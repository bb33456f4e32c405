using System.Text;

namespace Offpeak.TestKit;

/// <summary>A request as it was sent.</summary>
public sealed record WireCall(string Method, string Path, byte[] Body, long? ContentLength, string? ContentType, Func<string, string?> Header)
{
    /// <summary>The body as text.</summary>
    public string Text => Encoding.UTF8.GetString(Body);

    /// <inheritdoc/>
    public override string ToString() => $"{Method} {Path}";
}
