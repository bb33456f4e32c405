using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Offpeak.Batches;
using Offpeak.CrashTests.Worker;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.CrashTests;

/// <summary>
/// Holds what a run left behind against what was promised. Reads the file with plain SQL, so that an error of the engine's own reading
/// cannot hide one of its writing.
/// </summary>
internal sealed class Verdict(CrashRun run, Scenario scenario)
{
    private readonly List<string> problems = [];

    public IReadOnlyList<string> Problems()
    {
        using var database = Observation.Open(run.Database);
        CheckFile(database);
        CheckBatch(database);
        CheckEntries(database);
        CheckHistory(database);
        CheckProviderBatches(database);
        CheckHandler(database);
        CheckLeases(database);
        return problems;
    }

    private void CheckFile(SqliteConnection database) =>
        Expect("ok", Rows(database, "PRAGMA integrity_check;").Single().Text(0), "integrity check");

    private void CheckBatch(SqliteConnection database)
    {
        var batch = Rows(database, "SELECT status, succeeded_count, failed_count, expired_count, cost, input_tokens, output_tokens FROM offpeak_batches;").Single();
        var entries = Rows(database, "SELECT status, cost, input_tokens, output_tokens FROM offpeak_entries;");
        Expect(scenario.Finishes ? "completed" : "expired", batch.Text(0), "status of the batch");
        Expect(entries.Count(entry => entry.Text(0) == "succeeded"), batch.Number(1), "succeeded count");
        Expect(entries.Count(entry => entry.Text(0) == "failed"), batch.Number(2), "failed count");
        Expect(entries.Count(entry => entry.Text(0) == "expired"), batch.Number(3), "expired count");
        Expect(entries.Sum(entry => entry.Money(1)), batch.Money(4), "cost of the batch against the sum over its entries");
        Expect(entries.Sum(entry => entry.Number(2)), batch.Number(5), "input tokens");
        Expect(entries.Sum(entry => entry.Number(3)), batch.Number(6), "output tokens");
    }

    private void CheckEntries(SqliteConnection database)
    {
        var entries = Rows(
            database,
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
        var status = !scenario.Finishes ? "expired" : Workload.IsRefused(number) ? "failed" : "succeeded";
        Expect(status, entry.Text(1), $"status of entry {number}");
        if (status != "succeeded")
            return;
        Expect(true, HoldsAnswer((byte[]?)entry[4], number), $"answer of entry {number}");
        Expect(true, entry.Money(2) > 0, $"entry {number} has a cost");
        // A call that failed and whose failure was lost with its process is made again within the same round.
        if (Workload.FailsAtFirst(number) && scenario.Provider != "local")
            Expect(true, entry.Number(3) >= 2, $"entry {number} was asked again");
    }

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

    private void CheckHistory(SqliteConnection database)
    {
        var moves = Rows(database, "SELECT kind, row, before, after FROM history ORDER BY rowid;");
        foreach (var move in moves.Where(move => !IsAllowed(move.Text(0)!, move.Text(2)!, move.Text(3)!)))
            problems.Add($"{move.Text(0)} {move.Number(1)} went from {move.Text(2)} to {move.Text(3)}, which the table does not allow");
        var ends = moves.Where(move => move.Text(0) == "entry" && move.Text(3) is not ("pending" or "submitted")).CountBy(move => move.Number(1));
        Expect(Workload.EntryCount, ends.Count(end => end.Value == 1), "entries that reached exactly one terminal state");
        Expect(1, moves.Count(move => move.Text(0) == "batch" && move.Text(3) != "running"), "ends of the batch");
    }

    private static bool IsAllowed(string kind, string before, string after) => kind switch
    {
        "entry" => Allows(BatchTransitions.Entries, before, after),
        "provider_batch" => Allows(BatchTransitions.ProviderBatches, before, after),
        _ => Allows(BatchTransitions.Batches, before, after),
    };

    private static bool Allows<TStatus, TEvent>(IReadOnlyList<Transition<TStatus, TEvent>> table, string before, string after)
        where TStatus : struct, Enum
        where TEvent : struct, Enum =>
        table.Any(row => SnakeCaseEnum<TStatus>.Name(row.From) == before && SnakeCaseEnum<TStatus>.Name(row.To) == after);

    // Every provider batch that was ever made is known under its key, and none was made twice.
    private void CheckProviderBatches(SqliteConnection database)
    {
        const string Sql = "SELECT submission_key, provider_batch_id, rejected_ids, duplicate_ids, status FROM offpeak_provider_batches WHERE provider <> 'local';";
        var rows = Rows(database, Sql);
        var known = rows
            .SelectMany(row => ProviderStateJson.ReadIds(row.Text(2)).Append(row.Text(1)!).Select(id => Named(id, row.Text(0)!)))
            .Order(StringComparer.Ordinal);
        var made = run.Provider.Emulator.Batches
            .Select(batch => Named(batch.Id, batch.Metadata.GetValueOrDefault(SubmissionKey.MetadataName, "")))
            .Order(StringComparer.Ordinal);
        Expect(string.Join(", ", made), string.Join(", ", known), "provider batches made and known");
        Expect(0, rows.Count(row => row[3] is not null), "provider batches with doubles");
        Expect(scenario is { Provider: "local" } ? 0 : scenario is { Finishes: false } or { HasFallback: true } ? 4 : 6, rows.Count, "number of provider batches");
    }

    // Only OpenAI's batches carry their key as metadata; of the others the ids are compared.
    private string Named(string id, string key) => scenario.Provider == "openai" ? $"{id} of {key}" : id[(id.LastIndexOf('/') + 1)..];

    private void CheckHandler(SqliteConnection database)
    {
        var dispatch = Rows(database, "SELECT dispatch_id, next_dispatch_at, dispatch_parked_at FROM offpeak_batches;").Single();
        Expect(true, dispatch[1] is null && dispatch[2] is null, "the handler is neither due nor parked");
        var effects = Rows(database, "SELECT dispatch_id, answers FROM effects;");
        Expect(1, effects.Count, "effects of the handler");
        Expect(true, effects.TrueForAll(effect => effect.Text(0) == dispatch.Text(0)), "the effect carries the dispatch id");
        var outside = File.Exists(run.OutsideFile) ? File.ReadAllLines(run.OutsideFile) : [];
        Expect(true, outside.Length >= 1, "the handler was called");
        Expect(true, Array.TrueForAll(outside, line => line == dispatch.Text(0)), "every call of the handler had the same dispatch id");
    }

    private void CheckLeases(SqliteConnection database)
    {
        const string Leases = "SELECT lease_owner FROM offpeak_provider_batches UNION ALL SELECT lease_owner FROM offpeak_batches;";
        Expect(0, Rows(database, Leases).Count(row => row[0] is not null), "leases that are still held");
    }

    private void Expect<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            problems.Add($"{what}: expected {expected}, found {actual}");
    }

    private static List<object?[]> Rows(SqliteConnection database, string sql)
    {
        using var command = database.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<object?[]>();
        while (reader.Read())
        {
            var row = new object?[reader.FieldCount];
            for (var i = 0; i < row.Length; i++)
                row[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
            rows.Add(row);
        }

        return rows;
    }
}

/// <summary>Columns of a row read with plain SQL.</summary>
internal static class SqlRow
{
    public static string? Text(this object?[] row, int column) => (string?)row[column];

    public static int Number(this object?[] row, int column) => Convert.ToInt32(row[column]);

    public static decimal Money(this object?[] row, int column) =>
        row[column] is null ? 0 : decimal.Parse(row.Text(column)!, CultureInfo.InvariantCulture);
}
