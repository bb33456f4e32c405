namespace Offpeak.Policies;

/// <summary>How many bytes of bodies are read or written at once.</summary>
internal static class PageBytes
{
    public const long Most = 2_000_000;
}
