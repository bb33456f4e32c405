using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Offpeak.Cli;

/// <summary>Ends the help of a command with lines to copy.</summary>
internal static class HelpExamples
{
    private const int WidthWithoutTerminal = 120;

    private const string Root =
        """
        Examples:
          offpeak demo
          offpeak run reviews.csv --model openai/gpt-5-nano \
            --prompt "Is this review positive? {{text}}"
          offpeak estimate reviews.csv --model anthropic/claude-haiku-4-5 \
            --prompt "Is this review positive? {{text}}"
          offpeak list
          offpeak show 1

        Providers: openai, anthropic, gemini, xai, azure, groq, together, mistral, openrouter, and local (a server of your own, such as Ollama).
        Keys come from the environment: OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, XAI_API_KEY and so on; OPENAI_BASE_URL and its like
        name another server.
        Exit codes: 0 all entries succeeded, 1 unexpected error, 2 bad usage or input, 3 some entries failed, 4 the batch failed, expired or
        was cancelled, 130 interrupted.
        """;

    private const string Run =
        """
        Examples:
          offpeak run requests.jsonl --model openai/gpt-5-nano
          offpeak run reviews.csv --model openai/gpt-5-nano \
            --prompt "Is this review positive? {{text}}" --schema answer.json
          offpeak run texts.jsonl --model openai/text-embedding-3-small \
            --endpoint embeddings --output vectors.jsonl
          cat prompts.jsonl | offpeak run - --model openai/gpt-5-mini \
            --system "Answer in one word." --max-cost 2.50 --json
          offpeak run prompts.jsonl --model gemini/gemini-2.5-flash \
            --canary 20 --fallback local/llama3 --fallback-after 20h

        Input:
          One prompt a line
            {"id":"a","prompt":"Hello"}
          One conversation a line
            {"id":"a","messages":[{"role":"user","content":"Hello"}]}
          One row an entry, with --prompt "… {{column}} …"
            CSV with a header, or JSON objects
          OpenAI batch lines, each on one line
            {"custom_id":"a","method":"POST","url":"/v1/responses",
             "body":{"model":"gpt-5-nano","input":"Hello"}}
        """;

    private const string Estimate =
        """
        Examples:
          offpeak estimate requests.jsonl --model openai/gpt-5-nano
          offpeak estimate reviews.csv --model openai/gpt-5-nano \
            --prompt "Is this review positive? {{text}}" --json

        OpenAI's models are counted with their tokenizer; for others four bytes are taken for a token. The lowest cost is that of answers of one
        token, the highest that of answers as long as the request or the model allows. A model without a known price has no cost, not a cost of 0;
        name its price, in US dollars per million tokens before the batch discount, in a file for --config:
          { "Offpeak": { "Prices": {
              "openai/my-model": { "Input": 0.05, "Output": 0.4 } } } }
        """;

    private const string Emulator =
        """
        Examples:
          offpeak emulator --port 0 --duration 2
          offpeak emulator --faults faults.json

        A file of faults, for example a lost reply and a batch that expires half done:
          [ { "action": "dropAfterCommit", "on": "createBatch" },
            { "action": "endBatch", "status": "expired", "fraction": 0.5 } ]
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
        { Name: "estimate" } => Estimate,
        _ => null,
    };

    private sealed class WithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var exitCode = help.Invoke(parseResult);
            if (Of(parseResult.CommandResult.Command) is { } examples)
                Write(examples);
            return exitCode;
        }

        // What is indented is to be copied or in columns, and stays as it is; the lines of a paragraph are broken anew.
        private static void Write(string text)
        {
            var paragraph = new List<string>();
            foreach (var line in text.Split('\n'))
            {
                var isProse = line.Length > 0 && line[0] != ' ';
                if (isProse)
                    paragraph.Add(line);

                if (paragraph.Count > 0 && (!isProse || line[^1] is '.' or ':'))
                {
                    Console.Out.WriteLine(Terminal.Wrap(string.Join(' ', paragraph), Terminal.OutWidth ?? WidthWithoutTerminal, indent: 0));
                    paragraph.Clear();
                }

                if (!isProse)
                    Console.Out.WriteLine(line);
            }
        }
    }
}
