using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Kit.Json;

namespace Offpeak.Local;

/// <summary>A request as it is stored: messages and options in the words of Microsoft.Extensions.AI, and the tools, which its JSON leaves out.</summary>
internal sealed record LocalRequest(IList<ChatMessage> Messages, ChatOptions? Options, IReadOnlyList<LocalTool>? Tools)
{
    /// <summary>How answers are stored.</summary>
    public static JsonSerializerOptions Json { get; } = AIJsonUtilities.DefaultOptions;

    private static JsonSerializerOptions Stores { get; } = MakeOptions();

    public static LocalRequest Of(IEnumerable<ChatMessage> messages, ChatOptions? options) =>
        new([.. messages], options, options?.Tools is { Count: > 0 } tools ? [.. tools.Select(LocalTool.Of)] : null);

    /// <exception cref="OffpeakException">The bytes are no request of this form.</exception>
    public static LocalRequest Read(ReadOnlySpan<byte> body)
    {
        try
        {
            var stored = JsonSerializer.Deserialize<Stored>(body, Stores)!;
            if (stored.Messages is { Count: > 0 } messages)
                return new LocalRequest(messages, stored.Options, stored.Tools);
        }
        catch (JsonException)
        {
            // Said below.
        }

        throw new OffpeakException(OffpeakErrorCode.InvalidInput, "The request has another provider's form; give the entry as messages.");
    }

    public byte[] Write() => OneLine.Compact(JsonSerializer.SerializeToUtf8Bytes(new Stored(Messages, Options, Tools), Stores));

    /// <summary>The options to call the client with.</summary>
    public ChatOptions ToOptions(string model)
    {
        var options = Options?.Clone() ?? new ChatOptions();
        options.ModelId = model;
        options.Tools = Tools is null ? null : [.. Tools.Select(tool => tool.ToDeclaration())];
        return options;
    }

    private static JsonSerializerOptions MakeOptions()
    {
        var options = new JsonSerializerOptions(AIJsonUtilities.DefaultOptions);
        options.TypeInfoResolverChain.Add(new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver());
        return options;
    }

    private sealed record Stored(IList<ChatMessage> Messages, ChatOptions? Options, IReadOnlyList<LocalTool>? Tools);
}
