using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.Kit.Http;

/// <summary>The error of an answer: an object with a message, at the top or under <c>error</c>, or a bare text.</summary>
/// <param name="Code">The provider's code, or null.</param>
/// <param name="Type">The kind of error, or null.</param>
/// <param name="Param">The field at fault, or null.</param>
/// <param name="Message">The message as it came, or null.</param>
[Experimental("OFFPEAK001")]
public readonly record struct WireError(string? Code, string? Type, string? Param, string? Message)
{
    /// <summary>The reason that the error's details name, where a provider has such details; or null.</summary>
    public string? Reason { get; init; }

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

    private static WireError From(JsonElement root)
    {
        var error = root.Child("error") ?? root;
        return error.ValueKind switch
        {
            JsonValueKind.String => new(null, null, null, error.AsText()),
            JsonValueKind.Object => new(
                error.Text("code"), error.Text("type"), error.Text("param"), error.Text("message") ?? error.Text("detail")),
            _ => default,
        };
    }
}
