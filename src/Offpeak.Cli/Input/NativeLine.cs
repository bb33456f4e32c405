namespace Offpeak.Cli.Input;

/// <summary>Recognises lines of a provider's own batch format, which is not OpenAI's, so that the refusal can name it.</summary>
internal static class NativeLine
{
    /// <summary>What such a line is and what to do instead; null if it is none.</summary>
    public static string? Describe(Row row) => FormatOf(row) switch
    {
        null => null,
        "Mistral" => "is a line of Mistral's batch format. Give each line \"method\": \"POST\" and a \"url\" such as /v1/chat/completions, and its body a \"model\": "
            + "so it is OpenAI's, which offpeak takes.",
        var name => $"is a line of {name}'s batch format. Write rows with \"prompt\" or \"messages\", or OpenAI's batch lines, which are carried over to any provider.",
    };

    private static string? FormatOf(Row row) => row switch
    {
        _ when row.Has("params") => "Anthropic",
        _ when row.Has("contents") || (row.Has("request") && row.Has("key")) => "Gemini",
        _ when row.Has("body") && !row.Has("method") && !row.Has("url") => "Mistral",
        _ => null,
    };
}
