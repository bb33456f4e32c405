namespace Offpeak.Cli.Input;

/// <summary>What one line of the file turned out to be: a row, or the reason why it is none.</summary>
/// <param name="Line">The line it starts on.</param>
/// <param name="Row">The row, or null.</param>
/// <param name="Problem">What is wrong, or null.</param>
/// <param name="HasReplacement">Whether the file may not be UTF-8: a reader has met the character that stands for what it cannot decode.</param>
internal readonly record struct RowOrProblem(int Line, Row? Row, string? Problem, bool HasReplacement = false);
