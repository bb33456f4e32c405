using Offpeak.Batches;

namespace Offpeak.Cli.Running;

/// <summary>Progress in the words that are shown.</summary>
internal readonly record struct RunView(int Done, int Total, string Stage)
{
    private int Tenths => (int)(10L * Done / Math.Max(1, Total));

    public static RunView Of(BatchProgress progress) =>
        new(Math.Min(progress.Total, progress.Done + progress.ProviderDone), progress.Total, StageOf(progress));

    /// <summary>Whether it is worth a line of its own: a log of a day-long batch needs its steps and its tenths, not every entry.</summary>
    public bool IsNewsAfter(RunView shown) => Stage != shown.Stage || (Done > 0 && shown.Done == 0) || Tenths != shown.Tenths;

    private static string StageOf(BatchProgress progress)
    {
        var stage = progress.Stage switch
        {
            BatchStage.Building => "adding entries",
            BatchStage.Submitting => "submitting",
            BatchStage.WaitingToSubmit => "waiting to submit again",
            BatchStage.WaitingForRoom => "waiting for room at the provider",
            BatchStage.Confirming => "looking for a lost reply",
            BatchStage.Running => "running",
            BatchStage.Troubled => "running (the provider has trouble answering; trying again)",
            BatchStage.ReadingResults => "reading results",
            BatchStage.Paused => "paused",
            BatchStage.Finished => progress.Status.ToName(),
            _ => "finishing",
        };
        return progress is { Round: > 1, Stage: not BatchStage.Finished } ? $"{stage} (round {progress.Round})" : stage;
    }
}
