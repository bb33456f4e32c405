using Offpeak.Batches;

namespace Offpeak.Cli;

/// <summary>What the process tells its caller.</summary>
internal static class ExitCodes
{
    public const int Success = 0;
    public const int UnexpectedError = 1;
    public const int BadUsage = 2;
    public const int SomeEntriesFailed = 3;
    public const int BatchFailed = 4;
    public const int Interrupted = 130;

    public static int Of(BatchInfo batch) => batch.Status switch
    {
        BatchStatus.Completed when batch.SucceededCount == batch.EntryCount => Success,
        BatchStatus.Completed => SomeEntriesFailed,
        _ => BatchFailed,
    };
}
