namespace Offpeak.Benchmarks.Bed;

/// <summary>Batches without entries, made in one statement.</summary>
internal static class Stalled
{
    /// <summary>After every stalled poll and before every other.</summary>
    public const string Cutoff = "2026-06-01 00:00:00";

    /// <summary>Batches of one shard each: of every so many one is stalled; of the others half run with their poll to come, half are finished.</summary>
    public static string Polls(int count, int oneIn) =>
        $"""
        INSERT INTO offpeak_batches (id, name, provider, model, endpoint, status, max_rounds, rounds_given, round, entry_count, succeeded_count, failed_count,
            canceled_count, expired_count, created_at, dispatch_attempt, version)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
        SELECT i, 'batch ' || i, 'memory', '{Texts.Model}', '/v1/responses', CASE WHEN i % {oneIn} = 0 OR i % 2 = 0 THEN 'running' ELSE 'completed' END, 3, 3, 1, 100,
            0, 0, 0, 0, '2026-01-01 00:00:00', 0, 1 FROM n;
        INSERT INTO offpeak_shards (batch_id, round, number, provider, model, endpoint, status, provider_batch_id, submission_key, entry_count,
            body_bytes, submit_attempts, planned_at, accepted_at, next_poll_at, results_fetched_at, poll_attempt, poll_generation, malformed_count,
            unknown_count, duplicate_count, conflict_count, version)
        SELECT id, 1, 1, provider, model, endpoint, CASE WHEN status = 'running' THEN 'in_progress' ELSE 'ended' END, 'batch_' || id,
            'op-' || printf('%022d', id), 100, 200000, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00',
            CASE WHEN id % {oneIn} = 0 THEN '2026-01-01 00:01:00' WHEN status = 'running' THEN '2999-01-01 00:00:00' END,
            CASE WHEN status <> 'running' THEN '2026-01-01 12:00:00' END, 3, 4, 0, 0, 0, 0, 7
        FROM offpeak_batches;
        """;

    /// <summary>Finished batches whose handler is due and registered nowhere.</summary>
    public static string Dispatches(int count) =>
        $"""
        INSERT INTO offpeak_batches (name, provider, model, endpoint, status, handler, max_rounds, rounds_given, round, entry_count, succeeded_count, failed_count,
            canceled_count, expired_count, created_at, finished_at, dispatch_id, dispatch_attempt, next_dispatch_at, version)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
        SELECT 'batch ' || i, 'memory', '{Texts.Model}', '/v1/responses', 'completed', 'gone', 3, 3, 1, 100, 100, 0, 0, 0, '2026-01-01 00:00:00',
            '2026-01-01 12:00:00', 'd-' || i, 0, '2026-01-01 12:00:00', 1 FROM n;
        """;
}
