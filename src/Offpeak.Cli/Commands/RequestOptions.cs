using System.CommandLine;
using Offpeak.Cli.Running;

namespace Offpeak.Cli.Commands;

/// <summary>The options that say what is asked, shared by <c>run</c> and <c>estimate</c>.</summary>
internal sealed class RequestOptions
{
    private readonly Argument<string> input = new("INPUT")
    {
        Description = "OpenAI batch JSONL; or JSONL or CSV rows with --prompt; or JSONL with prompt or messages; - is standard input.",
    };

    private readonly Option<string> model = new("--model")
    {
        Description = "Who to ask, for example openai/gpt-5-nano, anthropic/claude-haiku-4-5 or local/llama3.",
        HelpName = "PROVIDER/MODEL",
        Required = true,
    };

    private readonly Option<string?> prompt = new("--prompt")
    {
        Description = "A prompt for each row, with {{column}} where the row's text goes; @FILE reads it from a file.",
        HelpName = "TEMPLATE",
    };

    private readonly Option<string?> system = new("--system")
    {
        Description = "A system prompt for every entry, with {{column}} as in --prompt; @FILE reads it from a file.",
        HelpName = "TEXT",
    };

    private readonly Option<string?> id = new("--id")
    {
        Description = "The column that holds the ids. Default: id or custom_id, else rows are numbered by their line.",
        HelpName = "COLUMN",
    };

    private readonly Option<string?> schema = new("--schema")
    {
        Description = "A JSON Schema file that every answer is to follow; one that does not is asked again.",
        HelpName = "FILE",
    };

    private readonly Option<string> endpoint = new("--endpoint")
    {
        Description = "What the model is asked through. Default: responses, or what the input's lines say.",
    };

    public RequestOptions() => SharedOptions.AcceptOnly(endpoint, "responses", "chat", "embeddings");

    public void AddTo(Command command)
    {
        command.Add(input);
        foreach (var option in (Option[])[model, prompt, system, id, schema, endpoint])
            command.Add(option);
    }

    public RunSettings Read(ParseResult parsed) => new()
    {
        Input = parsed.GetValue(input)!,
        Model = parsed.GetValue(model)!,
        Prompt = TextOption.Read(prompt.Name, parsed.GetValue(prompt)),
        System = TextOption.Read(system.Name, parsed.GetValue(system)),
        IdColumn = parsed.GetValue(id),
        TextFiles = [.. ((string?[])[parsed.GetValue(prompt), parsed.GetValue(system)]).Select(TextOption.FileOf).OfType<string>()],
        SchemaFile = parsed.GetValue(schema),
        Endpoint = parsed.GetValue(endpoint),
    };
}
