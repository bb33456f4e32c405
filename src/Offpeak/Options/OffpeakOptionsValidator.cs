using Microsoft.Extensions.Options;

namespace Offpeak;

/// <summary>Refuses settings that cannot work, at start-up and by name.</summary>
internal sealed class OffpeakOptionsValidator : IValidateOptions<OffpeakOptions>
{
    // What a timer can wait for.
    private static readonly TimeSpan LongestInterval = TimeSpan.FromDays(49);

    // As good as for ever, and still a time that can be added to another.
    internal static readonly TimeSpan LongestWait = TimeSpan.FromDays(36_500);

    public ValidateOptionsResult Validate(string? name, OffpeakOptions options)
    {
        var problems = new List<string>();
        var most = options.MaxConcurrency;
        Positive(nameof(options.ResumeInterval), options.ResumeInterval);
        Positive(nameof(options.ReconcileInterval), options.ReconcileInterval);
        Positive(nameof(options.SubmitInterval), options.SubmitInterval);
        Positive(nameof(options.ExpireInterval), options.ExpireInterval);
        Positive(nameof(options.PurgeInterval), options.PurgeInterval);
        Positive(nameof(options.LeaseDuration), options.LeaseDuration);
        NotNegative(nameof(options.PollGrace), options.PollGrace);
        NotNegative(nameof(options.ReconcileVisibilityWindow), options.ReconcileVisibilityWindow);
        NotNegative(nameof(options.NotFoundWindow), options.NotFoundWindow);
        NotNegative(nameof(options.PurgeAfter), options.PurgeAfter ?? TimeSpan.Zero);
        Positive(nameof(options.ToolTimeout), options.ToolTimeout);
        AtLeastOne(nameof(options.MaxRounds), options.MaxRounds);
        AtLeastOne(nameof(options.ToolConcurrency), options.ToolConcurrency);
        Require(options.MaxAnswerRetries >= 0, nameof(options.MaxAnswerRetries), $"zero or more, not {options.MaxAnswerRetries}");
        Require(options.CanaryShare is >= 0 and <= 1, nameof(options.CanaryShare), $"from 0 to 1, not {options.CanaryShare}");
        AtLeastOne(nameof(options.IngestChunkSize), options.IngestChunkSize);
        AtLeastOne(nameof(options.HandlerMaxAttempts), options.HandlerMaxAttempts);
        AtLeastOne($"{nameof(options.MaxConcurrency)}:{nameof(most.Submits)}", most.Submits);
        AtLeastOne($"{nameof(options.MaxConcurrency)}:{nameof(most.Polls)}", most.Polls);
        AtLeastOne($"{nameof(options.MaxConcurrency)}:{nameof(most.Ingests)}", most.Ingests);
        AtLeastOne($"{nameof(options.MaxConcurrency)}:{nameof(most.Handlers)}", most.Handlers);
        AtLeastOne($"{nameof(options.MaxConcurrency)}:{nameof(most.ToolBatches)}", most.ToolBatches);
        AtLeastOne($"{nameof(options.MaxConcurrency)}:{nameof(most.LocalBatches)}", most.LocalBatches);
        Positive(nameof(options.CleanUpInterval), options.CleanUpInterval);
        Wait(nameof(options.MaxWait), options.MaxWait);
        foreach (var (queue, tokens) in options.MaxEnqueuedTokens)
            Require(tokens > 0, $"{nameof(options.MaxEnqueuedTokens)}:{queue}", $"more than zero, not {tokens}");

        foreach (var (provider, age) in options.MaxAge.Where(age => age.Value != Timeout.InfiniteTimeSpan))
            Wait($"{nameof(options.MaxAge)}:{provider}", age);
        foreach (var (model, price) in options.Prices)
            Price(model, price);
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);

        void Positive(string setting, TimeSpan value) => Require(
            value > TimeSpan.Zero && value <= LongestInterval, setting, $"longer than zero and no longer than {LongestInterval.Days} days, not {value}");
        void Wait(string setting, TimeSpan value) => Require(
            value > TimeSpan.Zero && value <= LongestWait, setting, $"longer than zero and no longer than {LongestWait.Days} days, not {value}");
        void NotNegative(string setting, TimeSpan value) => Require(
            value >= TimeSpan.Zero && value <= LongestWait, setting, $"zero or longer, and no longer than {LongestWait.Days} days, not {value}");
        void AtLeastOne(string setting, int value) => Require(value >= 1, setting, $"1 or more, not {value}");
        void Price(string model, Models.ModelPrice price)
        {
            Require(price.Input >= 0, $"{nameof(options.Prices)}:{model}:{nameof(price.Input)}", $"zero or more, not {price.Input}");
            Require(price.CachedInput is not < 0, $"{nameof(options.Prices)}:{model}:{nameof(price.CachedInput)}", $"zero or more, not {price.CachedInput}");
            Require(price.Output >= 0, $"{nameof(options.Prices)}:{model}:{nameof(price.Output)}", $"zero or more, not {price.Output}");
        }

        void Require(bool holds, string setting, string expected)
        {
            if (!holds)
                problems.Add($"Offpeak:{setting} must be {expected}.");
        }
    }
}
