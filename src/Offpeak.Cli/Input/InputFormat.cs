namespace Offpeak.Cli.Input;

/// <summary>How a file is written.</summary>
internal enum InputFormat
{
    Jsonl,
    Csv,
    Tsv,
}
