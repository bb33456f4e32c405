using Microsoft.Extensions.Options;

namespace Offpeak;

/// <summary>Refuses settings that cannot work, at start-up and by name.</summary>
internal sealed class OffpeakOptionsValidator : IValidateOptions<OffpeakOptions>
{
    public ValidateOptionsResult Validate(string? name, OffpeakOptions options)
    {
        var problems = new List<string>();
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
        AtLeastOne(nameof(options.MaxRounds), options.MaxRounds);
        AtLeastOne(nameof(options.IngestChunkSize), options.IngestChunkSize);
        AtLeastOne(nameof(options.HandlerMaxAttempts), options.HandlerMaxAttempts);
        AtLeastOne(nameof(options.MaxConcurrency), options.MaxConcurrency);
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);

        void Positive(string setting, TimeSpan value) => Require(value > TimeSpan.Zero, setting, $"longer than zero, not {value}");
        void NotNegative(string setting, TimeSpan value) => Require(value >= TimeSpan.Zero, setting, $"zero or longer, not {value}");
        void AtLeastOne(string setting, int value) => Require(value >= 1, setting, $"1 or more, not {value}");
        void Require(bool holds, string setting, string expected)
        {
            if (!holds)
                problems.Add($"Offpeak:{setting} must be {expected}.");
        }
    }
}
