using Microsoft.Extensions.AI;

namespace Offpeak.Cli.Input;

/// <summary>One request of an input file.</summary>
internal abstract record InputEntry(string CustomId, int Line);

/// <summary>A request in the provider's own words; <paramref name="Body"/> is one line of JSON, its values byte for byte as written.</summary>
internal sealed record RawBodyEntry(string CustomId, int Line, string Url, string Model, ReadOnlyMemory<byte> Body)
    : InputEntry(CustomId, Line);

/// <summary>A single user prompt; <paramref name="System"/> is the row's own system text, or null when it has none.</summary>
internal sealed record PromptEntry(string CustomId, int Line, string Prompt, string? System) : InputEntry(CustomId, Line);

/// <summary>A conversation; when <paramref name="System"/> is not null, no message has the system role.</summary>
internal sealed record MessagesEntry(string CustomId, int Line, List<ChatMessage> Messages, string? System) : InputEntry(CustomId, Line);
