namespace Offpeak.Cli.Input;

/// <summary>What one line of the file turned out to be: a row, or the reason why it is none.</summary>
internal readonly record struct RowOrProblem(int Line, Row? Row, string? Problem);
