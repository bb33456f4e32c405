namespace Offpeak.Benchmarks.Bed;

/// <summary>Batches without entries, made in one statement.</summary>
internal static class BatchRows
{
    /// <summary>After every stalled poll and before every other.</summary>
    public const string Cutoff = "2026-06-01 00:00:00";

    /// <summary>Of ten batches: one stalled, four running with their poll to come, five finished.</summary>
    public static string Stalled(int count) =>
        $"""
        INSERT INTO offpeak_batches (id, name, provider, model, endpoint, status, max_rounds, round, entry_count, succeeded_count, failed_count,
            canceled_count, expired_count, created_at, dispatch_attempt, version)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
        SELECT i, 'batch ' || i, 'memory', '{Texts.Model}', '/v1/responses', CASE WHEN i % 10 < 5 THEN 'running' ELSE 'completed' END, 3, 1, 100,
            0, 0, 0, 0, '2026-01-01 00:00:00', 0, 1 FROM n;
        INSERT INTO offpeak_provider_batches (batch_id, round, shard, provider, model, endpoint, status, provider_batch_id, submission_key, entry_count,
            body_bytes, submit_attempts, submitted_at, next_poll_at, results_fetched_at, poll_attempt, poll_generation, malformed_count, unknown_count,
            duplicate_count, conflict_count, version)
        SELECT id, 1, 1, provider, model, endpoint, CASE WHEN id % 10 < 5 THEN 'in_progress' ELSE 'ended' END, 'batch_' || id, 'op-' || id, 100,
            200000, 1, '2026-01-01 00:00:00',
            CASE WHEN id % 10 = 0 THEN '2026-01-01 00:01:00' WHEN id % 10 < 5 THEN '2999-01-01 00:00:00' END,
            CASE WHEN id % 10 >= 5 THEN '2026-01-01 12:00:00' END, 3, 4, 0, 0, 0, 0, 7
        FROM offpeak_batches;
        """;
}
