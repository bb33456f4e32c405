using System.Globalization;
using System.Text.Json;
using Offpeak.Batches;
using Offpeak.CrashTests.Worker;
using Offpeak.Providers;

namespace Offpeak.CrashTests;

/// <summary>
/// Holds what a run left behind against what was promised. Reads the rows with plain SQL, so that an error of the engine's own reading
/// cannot hide one of its writing.
/// </summary>
internal sealed class Verdict(CrashRun run, Scenario scenario)
{
    private readonly List<string> problems = [];

    private bool IsPurged => scenario.End == RunEnd.Purged;

    private string Provider => scenario.Worker.Provider;

    public IReadOnlyList<string> Problems()
    {
        if (scenario.Store == StoreName.Sqlite)
            Expect("ok", Rows("PRAGMA integrity_check;").Single().Text(0), "integrity check");

        if (IsPurged)
            CheckNothingLeft();
        else
            CheckRows();

        CheckHistory();
        CheckHandler();
        return problems;
    }

    private void CheckNothingLeft()
    {
        foreach (var table in (string[])["batches", "shards", "entries", "entry_requests", "entry_results"])
            Expect(0, Rows($"SELECT count(*) FROM offpeak_{table};").Single().Number(0), $"rows of offpeak_{table}");
    }

    private void CheckRows()
    {
        CheckBatch();
        CheckEntries();
        CheckShards();
        CheckLeases();
    }

    private void CheckBatch()
    {
        var batch = Rows("SELECT status, succeeded_count, failed_count, expired_count, canceled_count, cost, input_tokens, output_tokens FROM offpeak_batches;").Single();
        var entries = Rows("SELECT status, cost, input_tokens, output_tokens FROM offpeak_entries;");
        string[] ends = scenario.End switch
        {
            RunEnd.Expired => ["expired"],
            // A cancel may come when all is answered.
            RunEnd.Canceled => ["canceled", "completed"],
            _ => ["completed"],
        };
        Expect(true, ends.Contains(batch.Text(0)), $"the batch ends as {string.Join(" or ", ends)}, not {batch.Text(0)}");
        foreach (var (column, status) in ((string[])["succeeded", "failed", "expired", "canceled"]).Index())
            Expect(entries.Count(entry => entry.Text(0) == status), batch.Number(column + 1), $"{status} count");

        Expect(entries.Sum(entry => entry.Money(1)), batch.Money(5), "cost of the batch against the sum over its entries");
        Expect(entries.Sum(entry => entry.Number(2)), batch.Number(6), "input tokens");
        Expect(entries.Sum(entry => entry.Number(3)), batch.Number(7), "output tokens");
    }

    private void CheckEntries()
    {
        var entries = Rows(
            """
            SELECT e.custom_id, e.status, e.cost, e.attempts, r.body FROM offpeak_entries e
            LEFT JOIN offpeak_entry_results r ON r.entry_id = e.id ORDER BY e.id;
            """);
        Expect(Workload.EntryCount, entries.Count, "number of entries");
        foreach (var (number, entry) in entries.Index())
        {
            Expect(Workload.CustomId(number), entry.Text(0), $"custom id of entry {number}");
            CheckAnswer(number, entry);
        }
    }

    private void CheckAnswer(int number, object?[] entry)
    {
        var status = entry.Text(1);
        if (scenario.End == RunEnd.Canceled)
            Expect(true, status is "succeeded" or "failed" or "canceled", $"entry {number} is at its end, not {status}");
        else
            Expect(EndOf(number), status, $"status of entry {number}");

        if (status != "succeeded")
            return;

        Expect(true, HoldsAnswer((byte[]?)entry[4], number), $"answer of entry {number}");
        Expect(true, entry.Money(2) > 0, $"entry {number} has a cost");
        // A call that failed and whose failure was lost with its process is made again within the same round.
        if (Workload.FailsAtFirst(number) && Provider != "local")
            Expect(true, entry.Number(3) >= 2, $"entry {number} was asked again");
    }

    private string EndOf(int number) =>
        scenario.End == RunEnd.Expired ? "expired"
        : Workload.IsRefused(number) || (scenario.Worker.OddAnswer is not null && number == Workload.OddNumber) ? "failed"
        : "succeeded";

    // Providers put the text in different places, so it is looked for in all of them.
    private static bool HoldsAnswer(byte[]? body, int number)
    {
        if (body is null)
            return false;
        using var json = JsonDocument.Parse(body);
        return Texts(json.RootElement).Any(text => text == Workload.Answer(number) || text == Workload.StructuredAnswer(number));
    }

    private static IEnumerable<string> Texts(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Texts(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Texts),
        JsonValueKind.String => [element.GetString()!],
        _ => [],
    };

    private void CheckHistory()
    {
        var moves = Rows("SELECT kind, id, was, became FROM history ORDER BY seq;");
        foreach (var move in moves.Where(move => !IsAllowed(move.Text(0)!, move.Text(2)!, move.Text(3)!)))
            problems.Add($"{move.Text(0)} {move.Number(1)} went from {move.Text(2)} to {move.Text(3)}, which the table does not allow");

        var ends = moves.Where(move => move.Text(0) == "entry" && move.Text(3) is not ("pending" or "submitted")).CountBy(move => move.Number(1)).ToList();
        Expect(Workload.EntryCount, ends.Count, "entries that reached a terminal state");
        // Those refused for good are asked again by a retry, and end again.
        Expect(scenario.IsRetried ? Refused : 0, ends.Count(end => end.Value > 1), "entries that reached more than one terminal state");
        Expect(scenario.IsRetried ? 2 : 1, moves.Count(move => move.Text(0) == "batch" && move.Text(3) != "running"), "ends of the batch");
    }

    private static int Refused => Enumerable.Range(0, Workload.EntryCount).Count(Workload.IsRefused);

    private static bool IsAllowed(string kind, string before, string after) => kind switch
    {
        "entry" => Allows(BatchTransitions.Entries, before, after),
        "shard" => Allows(BatchTransitions.Shards, before, after),
        _ => Allows(BatchTransitions.Batches, before, after),
    };

    private static bool Allows<TStatus, TEvent>(IReadOnlyList<Transition<TStatus, TEvent>> table, string before, string after)
        where TStatus : struct, Enum
        where TEvent : struct, Enum =>
        table.Any(row => StatusNames.Name(row.From) == before && StatusNames.Name(row.To) == after);

    // Every provider batch that was ever made is known under its key, and none was made twice unless that is said.
    private void CheckShards()
    {
        var rows = Rows("SELECT submission_key, provider_batch_id, rejected_ids, doubles FROM offpeak_shards WHERE provider <> 'local';");
        var known = rows
            .SelectMany(row => IdsOf(row).Distinct().Select(id => Named(id, row.Text(0)!)))
            .Order(StringComparer.Ordinal);
        var made = run.Provider.Emulator.Batches
            .Select(batch => Named(batch.Id, batch.Metadata.GetValueOrDefault(SubmissionKey.MetadataName, "")))
            .Order(StringComparer.Ordinal);
        Expect(string.Join(", ", made), string.Join(", ", known), "provider batches made and known");
        if (!scenario.AllowsDoubles)
            Expect(0, rows.Count(row => row[3] is not null), "shards with doubles");

        if (scenario.Shards is { } shards)
            Expect(shards, rows.Count, "number of shards");
    }

    private static IEnumerable<string> IdsOf(object?[] row) =>
        [.. Ids(row.Text(2)), .. Ids(row.Text(3)), .. row.Text(1) is { } id ? (string[])[id] : []];

    private static string[] Ids(string? json) => json is null ? [] : JsonSerializer.Deserialize<string[]>(json)!;

    // Only OpenAI's batches carry their key as metadata; of the others the ids are compared.
    private string Named(string id, string key) => Provider == "openai" ? $"{id} of {key}" : id[(id.LastIndexOf('/') + 1)..];

    private void CheckHandler()
    {
        var effects = Rows("SELECT dispatch_id, answers FROM effects;");
        Expect(scenario.IsRetried ? 2 : 1, effects.Count, "effects of the handler");
        Expect(effects.Count, effects.DistinctBy(effect => effect.Text(0)).Count(), "dispatches that had an effect");
        var outside = File.Exists(run.OutsideFile) ? File.ReadAllLines(run.OutsideFile) : [];
        Expect(true, outside.Length >= 1, "the handler was called");
        Expect(true, Array.TrueForAll(outside, line => effects.Exists(effect => effect.Text(0) == line)), "every call of the handler had the dispatch id of an effect");
        if (IsPurged)
            return;

        var batch = Rows("SELECT dispatch_id, next_dispatch_at, dispatch_parked_at, succeeded_count FROM offpeak_batches;").Single();
        Expect(true, batch[1] is null && batch[2] is null, "the handler is neither due nor parked");
        Expect(1, effects.Count(effect => effect.Text(0) == batch.Text(0) && effect.Number(1) == batch.Number(3)), "effects of the last dispatch, with all answers");
    }

    private void CheckLeases() => Expect(
        0,
        Rows("SELECT id FROM offpeak_shards WHERE lease_owner IS NOT NULL UNION ALL SELECT id FROM offpeak_batches WHERE lease_owner IS NOT NULL;").Count,
        "leases that are still held");

    private List<object?[]> Rows(string sql) => run.Database.Read(sql);

    private void Expect<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            problems.Add($"{what}: expected {expected}, found {actual}");
    }
}

/// <summary>Columns of a row read with plain SQL.</summary>
internal static class RawRow
{
    public static string? Text(this object?[] row, int column) => (string?)row[column];

    public static int Number(this object?[] row, int column) => Convert.ToInt32(row[column], CultureInfo.InvariantCulture);

    public static decimal Money(this object?[] row, int column) =>
        row[column] is null ? 0 : Convert.ToDecimal(row[column], CultureInfo.InvariantCulture);
}
