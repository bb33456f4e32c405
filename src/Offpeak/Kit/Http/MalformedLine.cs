using System.Diagnostics.CodeAnalysis;
using Offpeak.Jsonl;
using Offpeak.Providers;

namespace Offpeak.Kit.Http;

/// <summary>The result of a line that cannot be read: its number and the reason, and nothing that stood in it.</summary>
[Experimental("OFFPEAK001")]
public static class MalformedLine
{
    /// <param name="line">The line.</param>
    /// <param name="number">Its number within the results.</param>
    public static ProviderResult Of(JsonlLine line, long number) => new()
    {
        Kind = ProviderResultKind.Malformed,
        Line = number,
        IsTorn = !line.Terminated,
        ErrorMessage = line switch
        {
            { Problem: JsonlProblem.TooLong } => "The line is longer than the limit.",
            { Terminated: false } => "The results end in the middle of the line.",
            _ => "The line is not one JSON object with an id.",
        },
    };
}
