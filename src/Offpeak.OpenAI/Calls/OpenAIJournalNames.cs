namespace Offpeak.OpenAI.Calls;

/// <summary>Names under which file ids are journalled.</summary>
internal static class OpenAIJournalNames
{
    public const string InputFile = "input_file_id";
    public const string OutputFile = "output_file_id";
    public const string ErrorFile = "error_file_id";
}
