using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Simulation.Cloud;

namespace Offpeak.Simulation.World;

/// <summary>Watches every change in the database and compares it with the transition tables, the guarantees and the provider's truth.</summary>
internal sealed class Oracle : IDisposable
{
    private const double CanaryShare = 0.9;

    // Interval of the sweep with a fifth of jitter, and its grace if it has one; then a lease of 2 min that nobody gives back.
    private static readonly (string What, TimeSpan Longest, string Sql)[] Waits =
    [
        ("G3: a poll", TimeSpan.FromMinutes(5 + 6 + 2), "SELECT id FROM offpeak_shards WHERE results_fetched_at IS NULL AND next_poll_at < $limit"),
        (
            "G1: a submit",
            TimeSpan.FromMinutes(8 + 2),
            """
            SELECT p.id FROM offpeak_shards p JOIN offpeak_batches b ON b.id = p.batch_id
            WHERE p.status = 'pending' AND p.next_submit_at < $limit AND b.status = 'running' AND p.round <= b.round AND b.submitted_at < $limit
            """),
        ("G1: a submission that was begun", TimeSpan.FromMinutes(10 + 2), "SELECT id FROM offpeak_shards WHERE status = 'submitting' AND lease_until < $limit"),
        (
            "G4: a handler",
            TimeSpan.FromMinutes(6 + 2),
            "SELECT id FROM offpeak_batches WHERE next_dispatch_at < $limit AND dispatch_parked_at IS NULL AND (lease_until IS NULL OR lease_until < $limit)"),
        ("B9: what is left at the provider", TimeSpan.FromMinutes(36 + 2), "SELECT id FROM offpeak_shards WHERE next_clean_up_at < $limit AND cleaned_up_at IS NULL"),
    ];

    // A batch between two steps, and a shard that was never tried, say nothing of since when they wait: whoever goes on makes a new version of the row.
    private const string Stepping =
        """
        SELECT -p.id, p.version FROM offpeak_shards p JOIN offpeak_batches b ON b.id = p.batch_id
        WHERE p.status = 'pending' AND p.next_submit_at IS NULL AND b.status = 'running' AND p.round <= b.round
        UNION SELECT b.id, b.version FROM offpeak_batches b
        WHERE b.step IS NOT NULL OR (b.status = 'building' AND b.cancel_requested_at IS NOT NULL) OR (b.status = 'running' AND NOT EXISTS (
            SELECT 1 FROM offpeak_shards p WHERE p.batch_id = b.id AND p.round <= b.round AND p.results_fetched_at IS NULL))
        """;

    private static readonly TimeSpan LongestStep = TimeSpan.FromMinutes(8 + 2);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMinutes(1);

    // A process that crashed at the last moment comes back within this.
    private static readonly TimeSpan LongestRestart = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan AskedShortlyBefore = TimeSpan.FromMinutes(2);

    private readonly Simulation world;
    private readonly SqliteConnection connection;
    private readonly SqliteCommand dataVersion;
    private readonly SqliteCommand changes;
    private long seenVersion = -1;
    private readonly HashSet<string> deleted = [];
    private readonly Dictionary<(long Id, long Version), DateTimeOffset> stepping = [];
    private long seenChange;
    private DateTimeOffset nextLook;

    public Oracle(Simulation world)
    {
        this.world = world;
        connection = world.Database.Connect();
        dataVersion = Command("PRAGMA data_version;");
        changes = Command("SELECT id, kind, row_id, a, b, c FROM sim_log WHERE id > $after ORDER BY id;");
        changes.Parameters.AddWithValue("$after", 0L);
    }

    public void Dispose()
    {
        dataVersion.Dispose();
        changes.Dispose();
        connection.Dispose();
    }

    /// <summary>Checks every change since the last look.</summary>
    public void Inspect()
    {
        var version = (long)dataVersion.ExecuteScalar()!;
        if (version != seenVersion)
        {
            seenVersion = version;
            foreach (var change in ReadChanges())
                Check(change);
        }

        if (world.Now > world.HealsAt + LongestRestart && world.Now >= nextLook)
        {
            nextLook = world.Now + BetweenLooks;
            CheckWaits();
            CheckSteps();
        }
    }

    /// <summary>Only faults the simulation made, and the engine's own well-formed errors, may be reported; anything else is a mistake.</summary>
    public void Expect(Exception error)
    {
        if (error is not (SimulatedCrashException or SimulatedFaultException or OffpeakException or OperationCanceledException or FormatException
            or GuaranteeViolatedException))
        {
            world.Fail($"an error nobody made: {error.GetType().Name}: {error.Message}", error);
        }
    }

    /// <summary>Whether a process holds the lease under which a submission is made.</summary>
    public bool IsSubmitting(string key, string owner)
    {
        using var command = Command("SELECT count(*) FROM offpeak_shards WHERE submission_key = $key AND status = 'submitting' AND lease_owner LIKE $owner || '|%';");
        command.Parameters.AddWithValue("$key", key);
        command.Parameters.AddWithValue("$owner", owner);
        return (long)command.ExecuteScalar()! > 0;
    }

    /// <summary>Whether every batch is terminal, every handler is done, and nothing is left at a provider.</summary>
    public bool EverythingIsDone() => Count(
        """
        SELECT (SELECT count(*) FROM offpeak_batches WHERE status = 'running' OR step IS NOT NULL
                OR (status = 'building' AND cancel_requested_at IS NOT NULL)
                OR (submitted_at IS NOT NULL AND handler IS NOT NULL AND handler_dispatched_at IS NULL))
            + (SELECT count(*) FROM offpeak_shards WHERE next_clean_up_at IS NOT NULL AND cleaned_up_at IS NULL);
        """) == 0;

    public void Unfinished(TimeSpan promise)
    {
        using var command = Command(
            """
            SELECT group_concat('batch ' || b.id || ' ' || b.status || coalesce(' step ' || b.step, '') || ' round ' || b.round || ' handler ' || coalesce(b.handler, 'none') || ' ['
                || coalesce((SELECT group_concat(p.round || '.' || p.number || ' ' || p.status || coalesce(' (' || p.trouble_message || ')', '')) FROM offpeak_shards p WHERE p.batch_id = b.id), '')
                || ']', '; ')
            FROM offpeak_batches b;
            """);
        world.Fail($"G1/G3/G4: not everything is terminal and dispatched {promise.TotalHours} hours after the last fault: {command.ExecuteScalar()}");
    }

    /// <summary>Compares what is left at the end with the provider's truth.</summary>
    public void Final()
    {
        Inspect();
        CheckBatches();
        var entries = ReadEntries();
        var shards = ReadShards();
        foreach (var shard in shards)
            CheckShard(shard, entries);
        foreach (var entry in entries.Values)
            CheckEntry(entry, shards);
        None("G6: a handler's effects happened more than once", "SELECT dispatch_id FROM sim_effects GROUP BY dispatch_id HAVING count(*) > 1");
        None(
            "G6: a handler was marked done without its effects",
            $"""
            SELECT id FROM offpeak_batches b WHERE handler = '{HandlerDesk.Transactional}' AND handler_dispatched_at IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM sim_effects s WHERE s.dispatch_id = b.dispatch_id)
            """);
    }

    private void CheckBatches()
    {
        foreach (var key in world.Users.Accepted.Where(key => !deleted.Contains(key)))
            None("G1: an accepted submit was forgotten", $"SELECT '{key}' WHERE NOT EXISTS (SELECT 1 FROM offpeak_batches WHERE input_key = '{key}' AND status <> 'building')");
        None("G5: an entry of a terminal batch is not terminal", "SELECT e.id FROM offpeak_entries e JOIN offpeak_batches b ON b.id = e.batch_id WHERE b.status NOT IN ('building', 'running') AND e.status IN ('pending', 'submitted')");
        None(
            "G5: a batch's counts are not those of its entries",
            """
            SELECT b.id FROM offpeak_batches b WHERE b.status NOT IN ('building', 'running') AND (
                b.succeeded_count <> (SELECT count(*) FROM offpeak_entries e WHERE e.batch_id = b.id AND e.status = 'succeeded')
                OR b.failed_count <> (SELECT count(*) FROM offpeak_entries e WHERE e.batch_id = b.id AND e.status = 'failed')
                OR b.canceled_count <> (SELECT count(*) FROM offpeak_entries e WHERE e.batch_id = b.id AND e.status = 'canceled')
                OR b.expired_count <> (SELECT count(*) FROM offpeak_entries e WHERE e.batch_id = b.id AND e.status = 'expired')
                OR b.entry_count <> (SELECT count(*) FROM offpeak_entries e WHERE e.batch_id = b.id))
            """);
        None(
            "a completed batch has entries that were never answered",
            "SELECT b.id FROM offpeak_batches b JOIN offpeak_entries e ON e.batch_id = b.id WHERE b.status = 'completed' AND e.status IN ('canceled', 'expired')");
    }

    private void CheckShard(ShardRow shard, Dictionary<long, EntryRow> entries)
    {
        world.Cloud.Batches.ToList().ForEach(batch => batch.Settle(world.Now));
        // An empty batch holds no work and costs nothing; one that no list showed in time cannot be known.
        var live = world.Cloud.Batches.Where(batch => batch.Key == shard.Key && !batch.WasRejected && batch.Sent.Count > 0 && !(batch.ListedAt > shard.LastLook)).ToList();
        foreach (var batch in live)
        {
            if (batch.Id != shard.CloudId && !shard.Doubles.Contains(batch.Id) && !shard.InDoubt && !batch.IsUnnoticed && !batch.WasAbandoned)
                world.Fail($"G2: provider batch {batch.Id} of row {shard.Id} ({shard.Status}, {shard.CloudId}) is not shown.");
        }

        if (shard.CloudId is null || world.Cloud.Find(shard.CloudId) is not { State: not ProviderBatchState.Failed } truth)
            return;

        if (!truth.FilesDeleted)
            world.Fail($"The files of {truth.Id} (row {shard.Id}, {shard.Status}) were never deleted.");

        // Closed at twice the maximum age, because it could not be read then either.
        if (shard.ReadAt - shard.AcceptedAt >= 2 * SimCloud.MaxAge)
            return;

        if (truth.Delivered is null)
            world.Fail($"G7: the results of {truth.Id} (row {shard.Id}, {shard.Status}) were never read to the end.");
        foreach (var (wireId, result) in truth.Delivered!)
        {
            if (result.Kind != ProviderResultKind.Succeeded || !truth.Sent.Contains(wireId) || !IsSound(truth, result))
                continue;

            var entry = entries[EntryId(wireId)];
            if (entry.Status != EntryStatus.Succeeded || !result.Body.Span.SequenceEqual(entry.Body))
                world.Fail($"G5/G7: entry {entry.Id} is {entry.Status} and does not hold the answer of {truth.Id}.");
        }
    }

    private void CheckEntry(EntryRow entry, List<ShardRow> shards)
    {
        if (entry.Status != EntryStatus.Succeeded)
            return;
        var shard = shards.Find(shard => shard.Id == entry.ShardId);
        var truth = world.Cloud.Find(shard?.CloudId);
        if (truth?.Shown.Contains($"{shard!.Key}-{entry.Id}") != true)
            world.Fail($"G5: entry {entry.Id} holds an answer that was never given to it.");

        var text = JsonSerializer.Deserialize<SimBody>(entry.Body)?.Text;
        if (SimCloud.InvalidAnswers.Contains(text) && Count($"SELECT validates_answer FROM offpeak_entries WHERE id = {entry.Id};") != 0)
            world.Fail($"Entry {entry.Id} keeps an answer that does not match its schema: {text}");
    }

    // An answer that calls tools, or fails its checks, is not the last word; a conflicting line may hide the entry's own.
    private static bool IsSound(CloudBatch truth, ProviderResult result) => !truth.Lines.Exists(line => ReferenceEquals(line.Result, result) && !line.IsSound);

    private void Check(Change change)
    {
        switch (change.Kind)
        {
            case "batch":
                Allowed(BatchTransitions.Batches, change);
                break;
            case "shard":
                Allowed(BatchTransitions.Shards, change);
                break;
            case "entry":
                Allowed(BatchTransitions.Entries, change);
                break;
            case "rewritten":
                world.Fail($"G5: entry {change.Row} was changed after it was {change.A}.");
                break;
            case "unpolled":
                world.Fail($"G3/G4: provider batch row {change.Row} is {change.A} and has no next poll.");
                break;
            case "given_up":
                CheckGivenUp(change);
                break;
            case "lease":
                CheckLease(change);
                break;
            case "forbidden":
                world.Fail($"G11: shard {change.Row} was begun against {change.A}.");
                break;
            case "queued" when long.Parse(change.A!, CultureInfo.InvariantCulture) is > 0 and var taken
                && taken + long.Parse(change.B!, CultureInfo.InvariantCulture) > world.Plan.MaxEnqueuedTokens:
                world.Fail($"G11: shard {change.Row} was begun though the queue of tokens holds {taken} and has no room for {change.B}.");
                break;
            case "absent":
                CheckAbsent(change);
                break;
            case "canary_passed" when IsDead(change):
                world.Fail($"G11: batch {change.Row} went on past a dead canary: {change.A} of {change.B}.");
                break;
            case "canary_failed" when !IsDead(change):
                world.Fail($"Batch {change.Row} was stopped though its canary lives: {change.A} of {change.B}.");
                break;
            case "lost_entry":
                world.Fail($"Entry {change.Row} was deleted though its batch is not.");
                break;
            case "deleted":
                CheckDeleted(change);
                break;
            case "dispatched" when !world.Handlers.MayBeDone(change.A!):
                world.Fail($"G6: dispatch {change.A} was marked done before its handler succeeded.");
                break;
            case "dispatch_id":
                world.Fail($"G6: the dispatch id of batch {change.Row} changed from {change.A} to {change.B}.");
                break;
        }
    }

    private static bool IsDead(Change change) =>
        long.Parse(change.A!, CultureInfo.InvariantCulture) < CanaryShare * long.Parse(change.B!, CultureInfo.InvariantCulture);

    // Where each batch carries its key, one that was listed when the provider was asked is not absent: not even to a key that cannot see it.
    private void CheckAbsent(Change change)
    {
        if (world.Plan.LostBatches != LostBatches.CarryTheirKey || world.Users.Decided.Contains(change.A!) || !world.Cloud.LookedFor.TryGetValue(change.A!, out var looked))
            return;

        if (world.Cloud.Batches.FirstOrDefault(batch => batch.Key == change.A && batch.ListedAt <= looked && batch.CreatedAt < looked && !batch.WasRejected
            && batch.Refusal?.Class != ProviderErrorClass.Capacity && !batch.IsUnnoticed) is { } there
            && Count($"SELECT count(*) FROM offpeak_shards WHERE id = {change.Row} AND (coalesce(doubles, '') LIKE '%{there.Id}%')") == 0)
        {
            world.Fail($"G2: shard {change.Row} was taken for absent though the provider lists {there.Id}.");
        }
    }

    private void CheckDeleted(Change change)
    {
        if (change.A is not null)
            deleted.Add(change.A);

        if (world.Users.Deletes(change.A))
            return;

        if (change.C is not null)
            world.Fail($"Batch {change.Row} was purged: it is {change.C}.");

        if (!(world.Now - Time(change.B!) >= world.Plan.PurgeAfter))
            world.Fail($"Batch {change.Row} was purged too early.");
    }

    private void Allowed<TStatus, TEvent>(IReadOnlyList<Transition<TStatus, TEvent>> table, Change change)
        where TStatus : struct, Enum
        where TEvent : struct, Enum
    {
        var (from, to) = (StatusNames.Parse<TStatus>(change.A!), StatusNames.Parse<TStatus>(change.B!));
        world.Log($"  {change.Kind} {change.Row}: {from} -> {to}");
        if (!table.Any(row => row.From.Equals(from) && row.To.Equals(to)))
            world.Fail($"{change.Kind} {change.Row} moved from {from} to {to}, which the table does not allow.");
    }

    private void CheckGivenUp(Change change)
    {
        var truth = world.Cloud.Find(change.A)!;
        var oldEnough = world.Now - Time(change.B!) >= 2 * SimCloud.MaxAge;
        // Suspended in between, a process has asked as lately as it could.
        if (truth.AskedAt is null || (world.Now - truth.AskedAt > AskedShortlyBefore && !world.HasSlept(truth.AskedAt.Value)))
            world.Fail($"G8: {truth.Id} was given up without a last look.");
        if (!truth.WasSeen)
            world.Fail($"G8: {truth.Id} was given up by a key that cannot see it.");

        if (!(truth.AnsweredAt >= truth.AskedAt) && !oldEnough)
            world.Fail($"G8: {truth.Id} was given up though the provider could not be asked.");
    }

    private void CheckLease(Change change)
    {
        if (Time(change.B!) > world.Now && !world.IsDead(change.A!))
            world.Fail($"the lease of {change.A} on row {change.Row} was taken by {change.C} before it ended.");
    }

    private void CheckWaits()
    {
        foreach (var (what, longest, sql) in Waits)
        {
            using var command = Command(sql + " LIMIT 1;");
            var limit = world.Now - longest;
            command.Parameters.AddWithValue("$limit", (limit > world.HealsAt + LongestRestart ? limit : DateTimeOffset.MinValue).UtcDateTime);
            if (command.ExecuteScalar() is long id)
                world.Fail($"{what} (row {id}) is overdue by more than {longest.TotalMinutes} minutes.");
        }
    }

    private void CheckSteps()
    {
        using var command = Command(Stepping);
        using var reader = command.ExecuteReader();
        var now = new HashSet<(long, long)>();
        while (reader.Read())
            now.Add((reader.GetInt64(0), reader.GetInt64(1)));

        foreach (var gone in stepping.Keys.Where(batch => !now.Contains(batch)).ToList())
            stepping.Remove(gone);

        foreach (var batch in now)
        {
            if (!stepping.TryAdd(batch, world.Now) && world.Now - stepping[batch] > LongestStep)
                world.Fail($"G4: batch {batch} has stood between two steps for more than {LongestStep.TotalMinutes} minutes.");
        }
    }

    private List<Change> ReadChanges()
    {
        changes.Parameters["$after"].Value = seenChange;
        var found = new List<Change>();
        using var reader = changes.ExecuteReader();
        while (reader.Read())
            found.Add(new Change(reader.GetString(1), reader.GetInt64(2), Text(reader, 3), Text(reader, 4), Text(reader, 5)));
        seenChange += found.Count;
        return found;
    }

    private Dictionary<long, EntryRow> ReadEntries()
    {
        using var command = Command("SELECT e.id, e.status, e.shard_id, r.body FROM offpeak_entries e LEFT JOIN offpeak_entry_results r ON r.entry_id = e.id;");
        using var reader = command.ExecuteReader();
        var rows = new Dictionary<long, EntryRow>();
        while (reader.Read())
        {
            rows.Add(reader.GetInt64(0), new EntryRow(
                reader.GetInt64(0),
                StatusNames.Parse<EntryStatus>(reader.GetString(1)),
                reader.IsDBNull(2) ? null : reader.GetInt64(2),
                reader.IsDBNull(3) ? [] : (byte[])reader.GetValue(3)));
        }

        return rows;
    }

    private List<ShardRow> ReadShards()
    {
        using var command = Command("SELECT id, submission_key, status, provider_batch_id, doubles, doubt, ended_at, accepted_at, results_fetched_at FROM offpeak_shards ORDER BY id;");
        using var reader = command.ExecuteReader();
        var rows = new List<ShardRow>();
        while (reader.Read())
        {
            rows.Add(new ShardRow(
                reader.GetInt64(0),
                reader.GetString(1),
                reader.GetString(2),
                Text(reader, 3),
                Text(reader, 4) is { } doubles ? JsonSerializer.Deserialize<string[]>(doubles)! : [],
                Text(reader, 5) is not null,
                TimeOrNull(reader, 6),
                TimeOrNull(reader, 7),
                TimeOrNull(reader, 8)));
        }

        return rows;
    }

    private void None(string complaint, string sql)
    {
        using var command = Command(sql + " LIMIT 1;");
        if (command.ExecuteScalar() is { } found and not DBNull)
            world.Fail($"{complaint}: {found}");
    }

    private long Count(string sql)
    {
        using var command = Command(sql);
        return (long)command.ExecuteScalar()!;
    }

    private SqliteCommand Command(string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    private static long EntryId(string wireId) => long.Parse(wireId.AsSpan(wireId.LastIndexOf('-') + 1), CultureInfo.InvariantCulture);

    private static string? Text(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static DateTimeOffset? TimeOrNull(SqliteDataReader reader, int column) => Text(reader, column) is { } text ? Time(text) : null;

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private sealed record Change(string Kind, long Row, string? A, string? B, string? C);

    private sealed record EntryRow(long Id, EntryStatus Status, long? ShardId, byte[] Body);

    private sealed record ShardRow(long Id, string Key, string Status, string? CloudId, string[] Doubles, bool InDoubt, DateTimeOffset? LastLook, DateTimeOffset? AcceptedAt, DateTimeOffset? ReadAt);
}
