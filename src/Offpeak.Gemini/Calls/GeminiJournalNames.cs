namespace Offpeak.Gemini.Calls;

/// <summary>Names under which file names are journalled.</summary>
internal static class GeminiJournalNames
{
    public const string InputFile = "input_file";
    public const string OutputFile = "output_file";
}
