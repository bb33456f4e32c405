using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Offpeak.Cli;

/// <summary>Ends the help of a command with lines to copy.</summary>
internal static class HelpExamples
{
    private const string Root =
        """
        Examples:
          offpeak demo
          offpeak run reviews.csv --model openai/gpt-5-nano --prompt "Is this review positive? {{text}}"
          offpeak list
          offpeak show 1

        The key of the provider comes from the environment: OPENAI_API_KEY. OPENAI_BASE_URL names another server that speaks OpenAI's dialect.
        Exit codes: 0 all entries succeeded, 1 unexpected error, 2 bad usage or input, 3 some entries failed, 4 the batch failed, expired or
        was cancelled, 130 interrupted.
        """;

    private const string Run =
        """
        Examples:
          offpeak run requests.jsonl --model openai/gpt-5-nano
          offpeak run reviews.csv --model openai/gpt-5-nano --prompt "Is this review positive? {{text}}" --schema answer.json
          offpeak run texts.jsonl --model openai/text-embedding-3-small --endpoint embeddings --output vectors.jsonl
          cat prompts.jsonl | offpeak run - --model openai/gpt-5-mini --system "Answer in one word." --max-cost 2.50 --json

        Input:
          {"custom_id":"a","method":"POST","url":"/v1/responses","body":{"model":"gpt-5-nano","input":"Hello"}}   OpenAI batch lines
          {"id":"a","prompt":"Hello"}                                                                             one prompt a line
          {"id":"a","messages":[{"role":"user","content":"Hello"}]}                                               one conversation a line
          CSV with a header, or JSON objects, with --prompt "… {{column}} …"                                      one row an entry
        """;

    private const string Emulator =
        """
        Examples:
          offpeak emulator --port 0 --duration 2
          offpeak emulator --faults faults.json

        A file of faults, for example a lost reply and a batch that expires half done:
          [ { "action": "dropAfterCommit", "on": "createBatch" }, { "action": "endBatch", "status": "expired", "fraction": 0.5 } ]
        """;

    public static void AddTo(RootCommand root)
    {
        foreach (var help in root.Options.OfType<HelpOption>())
            help.Action = new WithExamples((HelpAction)help.Action!);
    }

    private static string? Of(Command command) => command switch
    {
        RootCommand => Root,
        { Name: "run" } => Run,
        { Name: "emulator" } => Emulator,
        _ => null,
    };

    private sealed class WithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var exitCode = help.Invoke(parseResult);
            if (Of(parseResult.CommandResult.Command) is { } examples)
                Console.Out.WriteLine(examples);
            return exitCode;
        }
    }
}
