using System.Text;
using Offpeak.Batches;

namespace Offpeak.Storage.Sql;

/// <summary>What a typed change sets, as the SET and WHERE of one guarded statement.</summary>
internal sealed class SetClause(SqlClock clock)
{
    private readonly StringBuilder sets = new("version = version + 1");
    private readonly StringBuilder guards = new();
    private readonly List<Action<SqlCommand>> binds = [];

    /// <summary>What holds of every batch that may be used: once its deletion has begun, there is only that.</summary>
    public const string NotDeleting = "(step IS NULL OR step <> 'delete')";

    public static SetClause Of(BatchRow batch, BatchChange change, SqlClock clock)
    {
        var set = new SetClause(clock);
        set.Status(change.Status is { } status ? status.ToName() : null);
        set.Value("input_key", change.InputKey);
        set.Value("max_cost", change.MaxCost);
        set.Value("max_rounds", change.MaxRounds);
        set.Value("canary", change.Canary);
        set.Time("fallback_since", change.FallbackSince);
        set.Value("round", change.Round);
        set.Value("step", change.Step.IsSet ? new Set<string?>(change.Step.Value is { } step ? StatusNames.Name(step) : null) : default);
        set.Time("submitted_at", change.SubmittedAt);
        set.Time("reopened_at", change.ReopenedAt);
        set.Time("finished_at", change.FinishedAt);
        set.Time("cancel_requested_at", change.CancelRequestedAt);
        set.Value("failure_reason", change.FailureReason);
        set.Value("failure_code", change.FailureCode);
        set.Value("dispatch_id", change.DispatchId);
        set.Value("dispatch_attempt", change.DispatchAttempt);
        set.Time("next_dispatch_at", change.NextDispatchAt);
        set.Time("handler_dispatched_at", change.HandlerDispatchedAt);
        set.Time("dispatch_parked_at", change.DispatchParkedAt);
        set.Value("dispatch_error", change.DispatchError);
        set.Lease(change.Lease, change.HeldBy);
        if (change.RequiresNothingLeft)
            set.guards.Append(NothingLeft);

        set.guards.Append(" AND ").Append(NotDeleting);
        set.Guard(batch.Id, batch.Status.ToName(), batch.Version);
        return set;
    }

    public static SetClause Of(ShardRow shard, ShardChange change, SqlClock clock)
    {
        var set = new SetClause(clock);
        set.Status(change.Status is { } status ? status.ToName() : null);
        set.Value("provider_batch_id", change.ProviderBatchId);
        set.Json("provider_status", change.ProviderStatus, status => status.Value);
        set.Json("journal", change.Journal, journal => JsonColumn.WritePairs(journal.Values));
        set.Value("key_fingerprint", change.KeyFingerprint);
        set.Json("rejected_ids", change.RejectedIds, JsonColumn.WriteIds);
        set.Value("reserved_cost", change.ReservedCost);
        set.Json("counts", change.Counts, JsonColumn.WriteCounts);
        set.Value("submit_attempts", change.SubmitAttempts);
        set.Value("lost_creates", change.LostCreates);
        set.Time("next_submit_at", change.NextSubmitAt);
        set.Time("create_begun_at", change.CreateBegunAt);
        set.Time("first_create_at", change.FirstCreateAt);
        set.Time("unconfirmed_at", change.UnconfirmedAt);
        set.Time("accepted_at", change.AcceptedAt);
        set.Time("next_poll_at", change.NextPollAt);
        set.Value("poll_attempt", change.PollAttempt);
        set.Value("poll_generation", change.PollGeneration);
        set.Value("fault_count", change.FaultCount);
        set.Time("not_found_since", change.NotFoundSince);
        set.Trouble(change.Trouble);
        set.Value("doubt", change.Doubt);
        set.Time("cancel_sent_at", change.CancelSentAt);
        set.Time("ended_at", change.EndedAt);
        set.Time("results_fetched_at", change.ResultsFetchedAt);
        set.Time("cleaned_up_at", change.CleanedUpAt);
        set.Time("next_clean_up_at", change.NextCleanUpAt);
        set.Value("failure_code", change.FailureCode);
        set.Value("failure_reason", change.FailureReason);
        set.Value("malformed_count", change.MalformedCount);
        set.Value("unknown_count", change.UnknownCount);
        set.Value("duplicate_count", change.DuplicateCount);
        set.Value("conflict_count", change.ConflictCount);
        set.Lease(change.Lease, change.HeldBy);
        if (change.RequiresUnanswered)
            set.guards.Append(" AND entry_count = (SELECT count(*) FROM offpeak_entries e WHERE e.shard_id = offpeak_shards.id AND e.status IN ('pending', 'submitted'))");

        set.Guard(shard.Id, shard.Status.ToName(), shard.Version);
        return set;
    }

    /// <summary>The guarded statement on a table, returning the row as it is afterwards.</summary>
    public SqlCommand On(SqlSession session, string table, string columns)
    {
        var command = session.Command($"UPDATE {table} SET {sets} WHERE id = @id AND status = @old_status AND version = @version{guards} RETURNING {columns};");
        foreach (var bind in binds)
            bind(command);

        return command;
    }

    // Nothing is deleted while a provider batch may run, files lie at a provider, or a handler has not succeeded.
    private const string NothingLeft =
        """
         AND status NOT IN ('building', 'running') AND (handler IS NULL OR handler_dispatched_at IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM offpeak_shards p WHERE p.batch_id = offpeak_batches.id
            AND (p.results_fetched_at IS NULL OR (p.cleaned_up_at IS NULL AND p.next_clean_up_at IS NOT NULL)))
        """;

    private void Guard(long id, string status, long version) =>
        binds.Add(command => command.Bind("id", id).Bind("old_status", status).Bind("version", version));

    private void Status(string? status)
    {
        if (status is not null)
            Bind("status", status);
    }

    private void Value<T>(string column, Set<T> value)
    {
        if (value.IsSet)
            Bind(column, value.Value);
    }

    private void Json<T>(string column, Set<T> value, Func<T, string?> write)
    {
        if (value.IsSet)
            Bind(column, write(value.Value));
    }

    private void Time(string column, Set<When> value)
    {
        if (!value.IsSet)
            return;

        if (value.Value.IsNever)
            sets.Append(", ").Append(column).Append(" = NULL");
        else
            BindAfter(column, value.Value.FromNow);
    }

    private void Trouble(Set<Trouble?> value)
    {
        if (!value.IsSet)
            return;

        Bind("trouble_class", value.Value?.Class.Value);
        Bind("trouble_message", value.Value?.Message);
        Bind("trouble_paused", value.Value is { IsPaused: true });
    }

    private void Lease(LeaseChange? lease, string? heldBy)
    {
        if (heldBy is not null)
        {
            guards.Append(" AND lease_owner = @held_by");
            binds.Add(command => command.Bind("held_by", heldBy));
        }

        if (lease is null)
            return;

        Bind("lease_owner", lease.Token);
        if (lease.Token is null)
            sets.Append(", lease_until = NULL");
        else
            BindAfter("lease_until", lease.Duration);

        if (!lease.RequiresFree || heldBy is not null)
            return;

        guards.Append(" AND (lease_owner IS NULL OR lease_until <= ").Append(clock.Now).Append(" OR lease_owner = @dead_owner)");
        binds.Add(command => command.Bind("dead_owner", lease.DeadOwner ?? ""));
    }

    private void Bind(string column, object? value)
    {
        sets.Append(", ").Append(column).Append(" = @").Append(column);
        binds.Add(command => command.Bind(column, value));
    }

    private void BindAfter(string column, TimeSpan delay)
    {
        sets.Append(", ").Append(column).Append(" = ").Append(clock.After("@" + column));
        binds.Add(command => command.BindAfter(column, delay));
    }
}
