namespace Offpeak.Testing;

/// <summary>Why an input file was refused.</summary>
internal sealed record LineProblem(string Code, string Message, int? Line = null, string? Param = null);
