using Microsoft.Extensions.AI;

namespace Offpeak.Cli.Input;

/// <summary>One request of an input file.</summary>
internal abstract record InputEntry(string CustomId, int Line)
{
    /// <summary>About what it takes in memory.</summary>
    public virtual int Bytes => 0;
}

/// <summary>A request in the provider's own words; <paramref name="Body"/> is one line of JSON, its values byte for byte as written.</summary>
internal sealed record RawBodyEntry(string CustomId, int Line, string Url, string Model, ReadOnlyMemory<byte> Body)
    : InputEntry(CustomId, Line)
{
    public override int Bytes => Body.Length;
}

/// <summary>A single user prompt; <paramref name="System"/> is the row's own system text, or null when it has none.</summary>
internal sealed record PromptEntry(string CustomId, int Line, string Prompt, string? System) : InputEntry(CustomId, Line)
{
    public override int Bytes => 2 * (Prompt.Length + (System?.Length ?? 0));
}

/// <summary>A conversation; when <paramref name="System"/> is not null, no message has the system role.</summary>
internal sealed record MessagesEntry(string CustomId, int Line, List<ChatMessage> Messages, string? System) : InputEntry(CustomId, Line)
{
    public override int Bytes => 2 * Messages.Sum(message => message.Text.Length);
}
