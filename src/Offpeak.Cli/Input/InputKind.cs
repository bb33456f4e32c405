namespace Offpeak.Cli.Input;

/// <summary>What the lines of an input file are.</summary>
internal enum InputKind
{
    /// <summary>Lines of OpenAI's batch format, whose bodies are passed through.</summary>
    BatchLines,

    /// <summary>Rows that hold a prompt or messages.</summary>
    Prompts,

    /// <summary>Rows of data that fill a prompt template.</summary>
    TemplateRows,
}
