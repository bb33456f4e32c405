using System.Globalization;
using Offpeak.Providers;

namespace Offpeak.Cli.Output;

/// <summary>An estimate for people, and for programs.</summary>
internal static class EstimateText
{
    private const string UnknownPrice = "  (the price of this model is not known; 'offpeak estimate --help' says how to name it)";
    private const string ShortestAnswers = "  (answers of one token)";

    public static void Write(TextWriter output, CostEstimate estimate, IBatchProvider provider)
    {
        var input = estimate.InputTokens;
        output.WriteLine($"Model      {estimate.Model}");
        output.WriteLine($"Entries    {Count(estimate.Entries)}");
        output.WriteLine($"Shards     {Count(estimate.Shards)}  ({string.Join("; ", Limits(provider.Capabilities))})");
        output.WriteLine($"Input      {(input.IsCounted ? "" : "about ")}{Count(input.Tokens)} tokens  ({input.Method})");
        output.WriteLine($"Lowest     {Dollars.Text(estimate.LowestCost)}{(estimate.LowestCost is null ? UnknownPrice : ShortestAnswers)}");
        output.WriteLine($"Highest    {Dollars.Text(estimate.HighestCost)}{LongestAnswers(estimate)}");
        output.WriteLine("Nothing was sent.");
    }

    public static string Json(CostEstimate estimate, IBatchProvider provider) => JsonLine.Write(json =>
    {
        json.WriteString("model", estimate.Model);
        json.WriteNumber("entries", estimate.Entries);
        json.WriteNumber("shards", estimate.Shards);
        json.WriteNumber("input_tokens", estimate.InputTokens.Tokens);
        json.WriteString("input_tokens_method", estimate.InputTokens.Method);
        json.WriteBoolean("input_tokens_counted", estimate.InputTokens.IsCounted);
        json.WriteNumberOrNull("lowest_cost_usd", estimate.LowestCost);
        json.WriteNumberOrNull("highest_cost_usd", estimate.HighestCost);
        json.WriteStartArray("limits");
        foreach (var limit in Limits(provider.Capabilities))
            json.WriteStringValue(limit);

        json.WriteEndArray();
    });

    private static string LongestAnswers(CostEstimate estimate) => estimate is { HasOutput: true, MaxOutputTokens: { } longest }
        ? $"  (answers of {Count(longest)} tokens in all, as long as they may be)"
        : "";

    private static string[] Limits(ProviderCapabilities limits) =>
    [
        $"at most {Count(limits.MaxEntries)} entries a provider batch",
        limits.MaxBytes == long.MaxValue ? "no limit on bytes" : $"at most {Count(limits.MaxBytes / 1_000_000)} MB",
        string.Create(CultureInfo.InvariantCulture, $"given up after {(limits.MaxAge ?? TimeSpan.FromDays(30)).TotalHours:0.#} hours"),
    ];

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
