namespace Offpeak.Cli.Output;

/// <summary>How results are written.</summary>
internal enum ResultsFormat
{
    /// <summary>One JSON object a line, the same whoever answered.</summary>
    Jsonl,

    /// <summary>One row a line, for spreadsheets.</summary>
    Csv,

    /// <summary>One JSON object a line with the provider's body as it came.</summary>
    Raw,
}
