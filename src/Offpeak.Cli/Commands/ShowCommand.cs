using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Cli.Output;
using Offpeak.Providers;

namespace Offpeak.Cli.Commands;

/// <summary><c>offpeak show</c>: one batch and its provider batches.</summary>
internal static class ShowCommand
{
    private const int MostErrors = 3;

    public static Command Create()
    {
        var id = SharedOptions.BatchId();
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var command = new Command("show", "Shows one batch: where it stands, its provider batches, its cost.") { id, Database.Option, json };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(id), Database.Of(parsed), parsed.GetValue(json), ct));
        return command;
    }

    private static async Task<int> RunAsync(long id, Database database, bool json, CancellationToken ct)
    {
        await using var services = await CliServices.OpenExistingAsync(database, ct, providers: []);
        var client = services.GetRequiredService<BatchClient>();
        var details = await client.GetAsync(id, ct);
        var cutOff = await client.CountCutOffAsync(id, ct);
        if (json)
            Console.Out.WriteLine(BatchJson.Summary(details, cutOff));
        else
            Write(details, cutOff, await client.CountErrorsAsync(id, ct), database);

        return ExitCodes.Success;
    }

    private static void Write(BatchDetails details, int cutOff, IReadOnlyList<EntryErrorCount> errors, Database database)
    {
        var (batch, counts) = (details.Batch, details.Counts);
        static void Row(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                Console.Out.WriteLine($"{name,-10} {Terminal.Wrap(Terminal.Line(value), Terminal.OutWidth, indent: 11)}");
        }

        Row("Batch", $"{batch.Id}  {batch.Name}");
        Row("Model", $"{batch.Model}  {batch.Endpoint}");
        Row("Status", batch.Status.ToName() + (batch.CancelRequestedAt is null || batch.IsTerminal ? "" : " (cancelling)"));
        Row("Reason", batch.FailureReason);
        Row("Entries", $"{batch.EntryCount:N0}: {counts.Succeeded:N0} succeeded, {counts.Failed:N0} failed, {counts.Expired:N0} expired, "
            + $"{counts.Canceled:N0} canceled, {counts.Pending + counts.Submitted:N0} open");
        Row("Cut off", cutOff == 0 ? null : $"{cutOff:N0} of the answers end at the limit on output tokens");
        foreach (var error in errors.Take(MostErrors))
            Row("Error", $"{error.Count:N0} × {error.Code}{(error.Example is null ? "" : $": {error.Example}")}");

        Row("Round", $"{batch.Round} of at most {batch.MaxRounds}");
        Row("Tokens", batch.InputTokens is null ? null : $"{batch.InputTokens:N0} in, {batch.OutputTokens:N0} out");
        Row("Cost", batch is { Cost: null, InputTokens: null } ? null : Dollars.Text(batch.Cost));
        Row("Budget", batch.MaxCost is null ? null : Dollars.Text(batch.MaxCost));
        Row("Created", Time(batch.CreatedAt));
        Row("Submitted", Time(batch.SubmittedAt));
        Row("Finished", Time(batch.FinishedAt));
        Row("Handler", batch.Handler is null ? null : $"{batch.Handler.Name}: {StateOf(batch.Handler, batch.Id, database)}");
        Row("In doubt", Doubts.Count(details) == 0 ? null : $"{Doubts.Count(details):N0} of the provider batches; the cost may be higher");
        if (details.Shards.Count == 0)
            return;

        Console.Out.WriteLine();
        ProviderBatches(details.Shards, database).Write(Console.Out, Terminal.OutWidth);
    }

    private static TextTable ProviderBatches(IEnumerable<ShardInfo> shards, Database database)
    {
        var table = new TextTable("ROUND", "SHARD", "PROVIDER BATCH", "STATUS", "ENTRIES", "DONE", "NEXT LOOK (UTC)")
        {
            RightAligned = [0, 1, 4, 5],
            MayBeCut = [2],
            Useful = 38,        // OpenAI's ids, which are to be looked up whole.
            MayBeLeftOut = [6, 0, 4],
        };
        foreach (var shard in shards)
        {
            table.Add(
                [
                    shard.Round.ToString(),
                    shard.ShardId.ToString(),
                    shard.ProviderBatchId ?? "-",
                    shard.Status.ToName(),
                    shard.EntryCount.ToString("N0"),
                    Progress(shard),
                    (shard.Status == ShardStatus.Pending ? shard.NextSubmitAt : shard.NextPollAt)?.ToString("MM-dd HH:mm:ss") ?? "-",
                ],
                Note(shard, database));
        }

        return table;
    }

    private static string Progress(ShardInfo shard) => shard.Counts is { } counts
        ? $"{(counts.Succeeded ?? 0) + (counts.Failed ?? 0):N0}/{counts.Total?.ToString("N0") ?? "?"}"
        : "-";

    private static string Note(ShardInfo shard, Database database)
    {
        string?[] notes =
        [
            shard.IsPaused ? $"Paused: {shard.Trouble}" : shard.FailureReason ?? shard.Trouble,
            Doubts.Note(shard),
            Decision(shard, database),
            Count(shard.MalformedLines, "malformed"),
            Count(shard.UnknownLines, "unknown"),
            Count(shard.DuplicateLines, "duplicate"),
            Count(shard.ConflictingLines, "conflicting"),
        ];
        return string.Join(' ', notes.Where(note => !string.IsNullOrEmpty(note)));

        static string? Count(int count, string what) => count == 0 ? null : $"{count:N0} {what} result lines.";
    }

    private static string? Decision(ShardInfo shard, Database database) => shard switch
    {
        { Status: ShardStatus.Unconfirmed } =>
            $"Its key at the provider is {shard.SubmissionKey}; '{database.Suggest($"resolve {shard.ShardId}")}' with --adopt ID or --discard decides by hand.",
        { Status: ShardStatus.Pending, TroubleClass: var kind } when kind == ProviderErrorClass.OtherKey =>
            $"'{database.Suggest($"resolve {shard.ShardId} --discard")}' begins it afresh with the key in use.",
        _ => null,
    };

    private static string StateOf(HandlerInfo handler, long batchId, Database database) => handler switch
    {
        { SucceededAt: { } done } => $"done {Time(done)}",
        { ParkedAt: not null } => $"parked after {handler.Attempts} attempts ({handler.LastError}); '{database.Suggest($"retry {batchId}")}' runs it again",
        { LastError: { } error } => $"tried {handler.Attempts} times ({error}), next {Time(handler.NextAttemptAt)}",
        _ => "not yet",
    };

    private static string? Time(DateTimeOffset? time) => time?.ToString("yyyy-MM-dd HH:mm:ss 'UTC'");
}
