using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.OpenAI.Wire;

/// <summary>The first reason a batch gives for its failure.</summary>
internal sealed record BatchError(string? Code, string? Message, int? Line)
{
    /// <summary>Reads <c>errors.data[0]</c>, a bare array, or a single <c>error</c> as object or text; null if there is none.</summary>
    public static BatchError? From(JsonElement batch)
    {
        if ((batch.Child("errors") ?? batch.Child("error")) is not { } errors)
            return null;
        var first = errors.Child("data") ?? errors;
        if (first.ValueKind == JsonValueKind.Array)
        {
            if (first.GetArrayLength() == 0)
                return null;
            first = first[0];
        }

        return first.ValueKind switch
        {
            JsonValueKind.Object => new(first.Text("code"), first.Text("message"), first.WholeNumber("line")),
            JsonValueKind.String => new(null, first.AsText(), null),
            _ => null,
        };
    }
}
