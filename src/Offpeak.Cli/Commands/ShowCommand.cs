using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Cli.Output;
using Offpeak.Storage;

namespace Offpeak.Cli.Commands;

/// <summary><c>offpeak show</c>: one batch and its provider batches.</summary>
internal static class ShowCommand
{
    public static Command Create()
    {
        var id = SharedOptions.BatchId();
        var db = SharedOptions.Database();
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var command = new Command("show", "Shows one batch: where it stands, its provider batches, its cost.") { id, db, json };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(id), parsed.GetValue(db), parsed.GetValue(json), ct));
        return command;
    }

    private static async Task<int> RunAsync(long id, string? db, bool json, CancellationToken ct)
    {
        await using var services = await CliServices.OpenExistingAsync(db, ct);
        var details = await services.GetRequiredService<BatchClient>().GetDetailsAsync(id, ct);
        if (json)
            Console.Out.WriteLine(BatchJson.Summary(details));
        else
            Write(details);
        return ExitCodes.Success;
    }

    private static void Write(BatchDetails details)
    {
        var (batch, counts) = (details.Batch, details.Counts);
        static void Row(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                Console.Out.WriteLine($"{name,-10} {Terminal.Line(value)}");
        }

        Row("Batch", $"{batch.Id}  {batch.Name}");
        Row("Model", $"{batch.FullModel}  {batch.Endpoint}");
        Row("Status", SnakeCaseEnum<BatchStatus>.Name(batch.Status) + (batch.CancelRequestedAt is null || batch.Status.IsTerminal() ? "" : " (cancelling)"));
        Row("Reason", batch.FailureReason);
        Row("Entries", $"{batch.EntryCount:N0}: {counts.Succeeded:N0} succeeded, {counts.Failed:N0} failed, {counts.Expired:N0} expired, "
            + $"{counts.Canceled:N0} cancelled, {counts.Pending + counts.Submitted:N0} open");
        Row("Round", $"{batch.Round} of at most {batch.MaxRounds}");
        Row("Tokens", batch.InputTokens is null ? null : $"{batch.InputTokens:N0} in, {batch.OutputTokens:N0} out");
        Row("Cost", batch is { Cost: null, InputTokens: null } ? null : Money.Text(batch.Cost));
        Row("Budget", batch.MaxCost is null ? null : Money.Text(batch.MaxCost));
        Row("Created", Time(batch.CreatedAt));
        Row("Submitted", Time(batch.SealedAt));
        Row("Finished", Time(batch.FinishedAt));
        Row("Handler", batch.Handler is null ? null : $"{batch.Handler}: {HandlerState(batch)}");
        if (details.ProviderBatches.Count == 0)
            return;
        Console.Out.WriteLine();
        ProviderBatches(details.ProviderBatches).Write(Console.Out, Terminal.OutWidth);
    }

    private static TextTable ProviderBatches(IEnumerable<ProviderBatch> shards)
    {
        var table = new TextTable("ROUND", "SHARD", "PROVIDER BATCH", "STATUS", "ENTRIES", "DONE", "NEXT LOOK")
        {
            RightAligned = [0, 1, 4, 5],
            MayBeCut = [2],
        };
        foreach (var shard in shards)
        {
            table.Add(
                [
                    shard.Round.ToString(),
                    shard.Shard.ToString(),
                    shard.ProviderBatchId ?? "-",
                    SnakeCaseEnum<ProviderBatchStatus>.Name(shard.Status),
                    shard.EntryCount.ToString("N0"),
                    Progress(shard),
                    Time(shard.Status == ProviderBatchStatus.Pending ? shard.NextSubmitAt : shard.NextPollAt) ?? "-",
                ],
                Note(shard));
        }

        return table;
    }

    private static string Progress(ProviderBatch shard) => ProviderStateJson.ReadCounts(shard.RequestCounts) is { } counts
        ? $"{(counts.Succeeded ?? 0) + (counts.Failed ?? 0):N0}/{counts.Total?.ToString("N0") ?? "?"}"
        : "-";

    private static string Note(ProviderBatch shard)
    {
        string?[] notes =
        [
            shard.PausedReason ?? shard.FailureReason ?? shard.LastError,
            shard.DuplicateIds is null ? null : $"Doubles at the provider: {string.Join(", ", ProviderStateJson.ReadIds(shard.DuplicateIds))}.",
            Count(shard.MalformedCount, "malformed"),
            Count(shard.UnknownCount, "unknown"),
            Count(shard.DuplicateCount, "duplicate"),
            Count(shard.ConflictCount, "conflicting"),
        ];
        return string.Join(' ', notes.Where(note => note is not null));

        static string? Count(int count, string what) => count == 0 ? null : $"{count:N0} {what} result lines.";
    }

    private static string HandlerState(Batch batch) => batch switch
    {
        { HandlerDispatchedAt: { } done } => $"done {Time(done)}",
        { DispatchParkedAt: not null } => $"parked after {batch.DispatchAttempt} attempts ({batch.DispatchError}); 'offpeak retry {batch.Id}' runs it again",
        { DispatchError: { } error } => $"tried {batch.DispatchAttempt} times ({error}), next {Time(batch.NextDispatchAt)}",
        _ => "not yet",
    };

    private static string? Time(DateTimeOffset? time) => time?.ToString("yyyy-MM-dd HH:mm:ss 'UTC'");
}
