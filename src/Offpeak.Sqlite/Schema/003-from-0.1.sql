ALTER TABLE offpeak_batches RENAME COLUMN sealed_at TO submitted_at;
ALTER TABLE offpeak_batches ADD COLUMN step TEXT;
ALTER TABLE offpeak_batches ADD COLUMN rounds_given INTEGER NOT NULL DEFAULT 0;
ALTER TABLE offpeak_batches ADD COLUMN reopened_at TEXT;
ALTER TABLE offpeak_batches ADD COLUMN failure_code TEXT;

ALTER TABLE offpeak_provider_batches RENAME TO offpeak_shards;
ALTER TABLE offpeak_shards RENAME COLUMN shard TO number;
ALTER TABLE offpeak_shards RENAME COLUMN submitted_at TO accepted_at;
ALTER TABLE offpeak_shards RENAME COLUMN provider_state TO journal;
ALTER TABLE offpeak_shards RENAME COLUMN duplicate_ids TO doubles;
ALTER TABLE offpeak_shards RENAME COLUMN request_counts TO counts;
ALTER TABLE offpeak_shards RENAME COLUMN failure_error TO failure_code;
ALTER TABLE offpeak_shards RENAME COLUMN last_error TO trouble_message;
ALTER TABLE offpeak_shards RENAME COLUMN last_error_class TO trouble_class;
ALTER TABLE offpeak_shards ADD COLUMN is_fallback INTEGER NOT NULL DEFAULT 0;
ALTER TABLE offpeak_shards ADD COLUMN enqueued_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE offpeak_shards ADD COLUMN reserved_cost TEXT;
ALTER TABLE offpeak_shards ADD COLUMN lost_creates INTEGER NOT NULL DEFAULT 0;
ALTER TABLE offpeak_shards ADD COLUMN planned_at TEXT NOT NULL DEFAULT '';
ALTER TABLE offpeak_shards ADD COLUMN fault_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE offpeak_shards ADD COLUMN trouble_paused INTEGER NOT NULL DEFAULT 0;
ALTER TABLE offpeak_shards ADD COLUMN doubt TEXT;
ALTER TABLE offpeak_shards ADD COLUMN next_clean_up_at TEXT;

UPDATE offpeak_shards SET trouble_paused = 1, trouble_message = paused_reason, trouble_class = coalesce(trouble_class, 'unauthorized') WHERE paused_reason IS NOT NULL;
ALTER TABLE offpeak_shards DROP COLUMN paused_reason;

-- Entries that wait for the fallback carry its body as their next one already; what is planned goes on as it was planned.
UPDATE offpeak_shards SET
    enqueued_tokens = (body_bytes + 3) / 4,
    lost_creates = CASE WHEN status = 'unconfirmed' THEN 1 ELSE 0 END,
    planned_at = (SELECT coalesce(offpeak_shards.first_create_at, b.submitted_at, b.created_at) FROM offpeak_batches b WHERE b.id = offpeak_shards.batch_id),
    is_fallback = (SELECT b.fallback_since IS NOT NULL AND offpeak_shards.provider || '/' || offpeak_shards.model = b.fallback_model
        FROM offpeak_batches b WHERE b.id = offpeak_shards.batch_id),
    next_clean_up_at = CASE WHEN results_fetched_at IS NOT NULL AND cleaned_up_at IS NULL AND (provider_batch_id IS NOT NULL OR journal IS NOT NULL)
        THEN results_fetched_at END;

-- Of a batch that was asked again, nobody knows any more how many rounds it was given; 0.1 gave as many again as the default.
UPDATE offpeak_batches SET
    rounds_given = min(max_rounds, 3),
    succeeded_count = (SELECT count(*) FROM offpeak_entries e WHERE e.batch_id = offpeak_batches.id AND e.status = 'succeeded'),
    failed_count = (SELECT count(*) FROM offpeak_entries e WHERE e.batch_id = offpeak_batches.id AND e.status = 'failed'),
    canceled_count = (SELECT count(*) FROM offpeak_entries e WHERE e.batch_id = offpeak_batches.id AND e.status = 'canceled'),
    expired_count = (SELECT count(*) FROM offpeak_entries e WHERE e.batch_id = offpeak_batches.id AND e.status = 'expired');

DROP INDEX IF EXISTS IX_offpeak_batches_input_key;
DROP INDEX IF EXISTS IX_offpeak_batches_next_dispatch_at;
DROP INDEX IF EXISTS IX_offpeak_batches_status;
DROP INDEX IF EXISTS IX_offpeak_entries_batch_id_custom_id;
DROP INDEX IF EXISTS IX_offpeak_entries_batch_id_id;
DROP INDEX IF EXISTS IX_offpeak_entries_shard_id_id;
DROP INDEX IF EXISTS IX_offpeak_provider_batches_batch_id_round_shard;
DROP INDEX IF EXISTS IX_offpeak_provider_batches_next_poll_at;
DROP INDEX IF EXISTS IX_offpeak_provider_batches_status;
DROP INDEX IF EXISTS IX_offpeak_provider_batches_submission_key;
DROP TABLE IF EXISTS __EFMigrationsHistory;
DROP TABLE IF EXISTS __EFMigrationsLock;
