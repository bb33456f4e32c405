using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.Storage.Sql;

/// <summary>The column lists of the tables, and how rows are read from them, in the same order.</summary>
internal static class SqlColumns
{
    public const string Batch =
        """
        id, name, provider, model, endpoint, status, metadata, handler, input_key, max_cost, max_rounds, rounds_given, max_turns, max_answer_retries,
        validates_answers, canary, fallback_model, fallback_after, fallback_since, round, step, entry_count, succeeded_count, failed_count,
        canceled_count, expired_count, input_tokens, output_tokens, cost, created_at, submitted_at, reopened_at, finished_at, cancel_requested_at,
        failure_reason, failure_code, dispatch_id, dispatch_attempt, next_dispatch_at, handler_dispatched_at, dispatch_parked_at, dispatch_error,
        lease_owner, lease_until, version
        """;

    public const string Shard =
        """
        id, batch_id, round, number, provider, model, endpoint, is_fallback, status, provider_batch_id, submission_key, provider_status, journal,
        key_fingerprint, rejected_ids, doubles, entry_count, body_bytes, enqueued_tokens, reserved_cost, counts, submit_attempts, lost_creates,
        planned_at, next_submit_at, create_begun_at, first_create_at, unconfirmed_at, accepted_at, next_poll_at, poll_attempt, poll_generation,
        fault_count, not_found_since, trouble_class, trouble_message, trouble_paused, doubt, cancel_sent_at, ended_at, results_fetched_at,
        cleaned_up_at, next_clean_up_at, failure_code, failure_reason, malformed_count, unknown_count, duplicate_count, conflict_count,
        lease_owner, lease_until, version
        """;

    public const string Entry =
        """
        e.id, e.custom_id, e.model, e.status, e.shard_id, e.attempts, e.turn, e.continuation, e.status_code, e.error_code, e.error_message,
        e.finish_reason, e.response_model, e.input_tokens, e.cached_input_tokens, e.output_tokens, e.cost
        """;

    public static BatchRow ReadBatch(SqlRow row) => new()
    {
        Id = row.Long(),
        Name = row.Text(),
        Provider = row.Text(),
        Model = row.Text(),
        Endpoint = new BatchEndpoint(row.Text()),
        Status = row.Status<BatchStatus>(),
        Metadata = JsonColumn.ReadPairs(row.TextOrNull()),
        Handler = row.TextOrNull(),
        InputKey = row.TextOrNull(),
        MaxCost = row.MoneyOrNull(),
        MaxRounds = row.Int(),
        RoundsGiven = row.Int(),
        MaxTurns = row.Int(),
        MaxAnswerRetries = row.Int(),
        ValidatesAnswers = row.Flag(),
        Canary = row.IntOrNull(),
        FallbackModel = row.TextOrNull(),
        FallbackAfter = row.SpanOrNull(),
        FallbackSince = row.TimeOrNull(),
        Round = row.Int(),
        Step = row.StatusOrNull<BatchStep>(),
        EntryCount = row.Int(),
        SucceededCount = row.Int(),
        FailedCount = row.Int(),
        CanceledCount = row.Int(),
        ExpiredCount = row.Int(),
        InputTokens = row.LongOrNull(),
        OutputTokens = row.LongOrNull(),
        Cost = row.MoneyOrNull(),
        CreatedAt = row.Time(),
        SubmittedAt = row.TimeOrNull(),
        ReopenedAt = row.TimeOrNull(),
        FinishedAt = row.TimeOrNull(),
        CancelRequestedAt = row.TimeOrNull(),
        FailureReason = row.TextOrNull(),
        FailureCode = row.TextOrNull(),
        DispatchId = row.TextOrNull(),
        DispatchAttempt = row.Int(),
        NextDispatchAt = row.TimeOrNull(),
        HandlerDispatchedAt = row.TimeOrNull(),
        DispatchParkedAt = row.TimeOrNull(),
        DispatchError = row.TextOrNull(),
        LeaseOwner = row.TextOrNull(),
        LeaseUntil = row.TimeOrNull(),
        Version = row.Long(),
    };

    public static ShardRow ReadShard(SqlRow row) => new()
    {
        Id = row.Long(),
        BatchId = row.Long(),
        Round = row.Int(),
        Number = row.Int(),
        Provider = row.Text(),
        Model = row.Text(),
        Endpoint = new BatchEndpoint(row.Text()),
        IsFallback = row.Flag(),
        Status = row.Status<ShardStatus>(),
        ProviderBatchId = row.TextOrNull(),
        SubmissionKey = new SubmissionKey(row.Text()),
        ProviderStatus = new ProviderStatus(row.TextOrNull()),
        Journal = JsonColumn.ReadPairs(row.TextOrNull()) is { } journal ? new Journal(journal) : Journal.Empty,
        KeyFingerprint = row.TextOrNull(),
        RejectedIds = JsonColumn.ReadIds(row.TextOrNull()),
        Doubles = JsonColumn.ReadIds(row.TextOrNull()),
        EntryCount = row.Int(),
        BodyBytes = row.Long(),
        EnqueuedTokens = row.Long(),
        ReservedCost = row.MoneyOrNull(),
        Counts = JsonColumn.ReadCounts(row.TextOrNull()),
        SubmitAttempts = row.Int(),
        LostCreates = row.Int(),
        PlannedAt = row.Time(),
        NextSubmitAt = row.TimeOrNull(),
        CreateBegunAt = row.TimeOrNull(),
        FirstCreateAt = row.TimeOrNull(),
        UnconfirmedAt = row.TimeOrNull(),
        AcceptedAt = row.TimeOrNull(),
        NextPollAt = row.TimeOrNull(),
        PollAttempt = row.Int(),
        PollGeneration = row.Int(),
        FaultCount = row.Int(),
        NotFoundSince = row.TimeOrNull(),
        Trouble = ReadTrouble(row.TextOrNull(), row.TextOrNull(), row.Flag()),
        Doubt = row.TextOrNull(),
        CancelSentAt = row.TimeOrNull(),
        EndedAt = row.TimeOrNull(),
        ResultsFetchedAt = row.TimeOrNull(),
        CleanedUpAt = row.TimeOrNull(),
        NextCleanUpAt = row.TimeOrNull(),
        FailureCode = row.TextOrNull(),
        FailureReason = row.TextOrNull(),
        MalformedCount = row.Int(),
        UnknownCount = row.Int(),
        DuplicateCount = row.Int(),
        ConflictCount = row.Int(),
        LeaseOwner = row.TextOrNull(),
        LeaseUntil = row.TimeOrNull(),
        Version = row.Long(),
    };

    public static EntryRow ReadEntry(SqlRow row) => new()
    {
        Id = row.Long(),
        CustomId = row.Text(),
        Model = row.Text(),
        Status = row.Status<EntryStatus>(),
        ShardId = row.LongOrNull(),
        Attempts = row.Int(),
        Turn = row.Int(),
        Continuation = row.StatusOrNull<EntryContinuation>(),
        StatusCode = row.IntOrNull(),
        ErrorCode = row.TextOrNull(),
        ErrorMessage = row.TextOrNull(),
        FinishReason = row.TextOrNull(),
        ResponseModel = row.TextOrNull(),
        InputTokens = row.LongOrNull(),
        CachedInputTokens = row.LongOrNull(),
        OutputTokens = row.LongOrNull(),
        Cost = row.MoneyOrNull(),
    };

    private static Trouble? ReadTrouble(string? kind, string? message, bool isPaused) =>
        message is null ? null : new Trouble(new ProviderErrorClass(kind ?? ""), message, isPaused);
}
