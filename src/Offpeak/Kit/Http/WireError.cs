using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.Kit.Http;

/// <summary>The error object of an answer, in any of the shapes that providers use.</summary>
/// <param name="Code">The provider's code, or null.</param>
/// <param name="Type">The kind of error, or null.</param>
/// <param name="Param">The field at fault, or null.</param>
/// <param name="Message">The message as it came, or null.</param>
[Experimental("OFFPEAK001")]
public readonly record struct WireError(string? Code, string? Type, string? Param, string? Message)
{
    /// <summary>Reads an answer's error; an empty one if the body holds none.</summary>
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

    /// <summary>The reason in the first of Google's error details that names one, for example <c>API_KEY_INVALID</c> (google.rpc.ErrorInfo).</summary>
    public string? Reason { get; init; }

    /// <summary>Whether this error says that the account's queue of tokens is full.</summary>
    public bool IsCapacity => MeansCapacity(Code ?? Type, Message);

    private static WireError From(JsonElement root)
    {
        var error = root.Child("error") ?? root;
        return error.ValueKind switch
        {
            JsonValueKind.String => new(null, null, null, error.AsText()),
            JsonValueKind.Object => new(
                CodeOf(error), error.Text("type") ?? error.Text("status"), error.Text("param"), error.Text("message") ?? error.Text("detail"))
            {
                Reason = ReasonOf(error),
            },
            _ => default,
        };
    }

    /// <summary>Google repeats the HTTP status as a number in <c>code</c> and says its own word in <c>status</c>.</summary>
    private static string? CodeOf(JsonElement error) =>
        error.Child("code") is { ValueKind: JsonValueKind.Number } && error.Text("status") is { } word ? word : error.Text("code");

    private static string? ReasonOf(JsonElement error) => error.Child("details") is { ValueKind: JsonValueKind.Array } details
        ? details.EnumerateArray().Select(detail => detail.Text("reason")).FirstOrDefault(reason => reason is not null)
        : null;

    private static bool Contains(string? text, string part) => text?.Contains(part, StringComparison.OrdinalIgnoreCase) == true;
}
