CREATE TABLE offpeak_sweeps (
    name TEXT NOT NULL PRIMARY KEY,
    last_run_at TEXT NOT NULL
);

CREATE TABLE offpeak_schema (
    version INTEGER NOT NULL
);
INSERT INTO offpeak_schema (version) VALUES (3);

CREATE UNIQUE INDEX offpeak_batches_by_input_key ON offpeak_batches (input_key);
CREATE INDEX offpeak_batches_by_status ON offpeak_batches (status, id, cancel_requested_at);
CREATE INDEX offpeak_batches_by_next_dispatch ON offpeak_batches (next_dispatch_at) WHERE next_dispatch_at IS NOT NULL;
CREATE INDEX offpeak_batches_by_finish ON offpeak_batches (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX offpeak_batches_with_step ON offpeak_batches (id) WHERE step IS NOT NULL;
CREATE INDEX offpeak_batches_leased ON offpeak_batches (lease_until) WHERE lease_owner IS NOT NULL;

CREATE UNIQUE INDEX offpeak_shards_by_number ON offpeak_shards (batch_id, round, number);
CREATE UNIQUE INDEX offpeak_shards_by_key ON offpeak_shards (submission_key);
CREATE INDEX offpeak_shards_to_poll ON offpeak_shards (id, next_poll_at, lease_owner, lease_until) WHERE results_fetched_at IS NULL AND next_poll_at IS NOT NULL;
CREATE INDEX offpeak_shards_open ON offpeak_shards (batch_id, round) WHERE results_fetched_at IS NULL;
CREATE INDEX offpeak_shards_by_status ON offpeak_shards (status);
CREATE INDEX offpeak_shards_unread ON offpeak_shards (provider, model) WHERE results_fetched_at IS NULL;
CREATE INDEX offpeak_shards_uncleaned ON offpeak_shards (next_clean_up_at) WHERE next_clean_up_at IS NOT NULL;
CREATE INDEX offpeak_shards_leased ON offpeak_shards (lease_until) WHERE lease_owner IS NOT NULL;

CREATE UNIQUE INDEX offpeak_entries_by_custom_id ON offpeak_entries (batch_id, custom_id);
CREATE INDEX offpeak_entries_by_batch ON offpeak_entries (batch_id, id);
CREATE INDEX offpeak_entries_by_shard ON offpeak_entries (shard_id, id);
CREATE INDEX offpeak_entries_to_continue ON offpeak_entries (batch_id, id) WHERE continuation IS NOT NULL;
