using System.Text.Json;
using Offpeak.Codec.Json;

namespace Offpeak.Providers.Http;

/// <summary>The error object of an answer, in any of the shapes that providers use.</summary>
internal readonly record struct WireError(string? Code, string? Type, string? Param, string? Message)
{
    public static WireError Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return From(document.RootElement);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    /// <summary>Whether the words say that the account's queue of tokens is full. Spelling differs by source, so the match is loose.</summary>
    public static bool MeansCapacity(string? code, string? message) =>
        Contains(code, "token_limit_exceeded") || Contains(message, "token_limit_exceeded")
        || Contains(message, "enqueued token") || Contains(message, "number of enqueued");

    public bool IsCapacity => MeansCapacity(Code ?? Type, Message);

    private static WireError From(JsonElement root)
    {
        var error = root.Child("error") ?? root;
        return error.ValueKind switch
        {
            JsonValueKind.String => new(null, null, null, error.AsText()),
            JsonValueKind.Object => new(
                error.Text("code"), error.Text("type") ?? error.Text("status"), error.Text("param"), error.Text("message") ?? error.Text("detail")),
            _ => default,
        };
    }

    private static bool Contains(string? text, string part) => text?.Contains(part, StringComparison.OrdinalIgnoreCase) == true;
}
