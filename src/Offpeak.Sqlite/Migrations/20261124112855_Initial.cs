using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Offpeak.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "offpeak_batches",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    provider = table.Column<string>(type: "TEXT", nullable: false),
                    model = table.Column<string>(type: "TEXT", nullable: false),
                    endpoint = table.Column<string>(type: "TEXT", nullable: false),
                    status = table.Column<string>(type: "TEXT", nullable: false),
                    metadata = table.Column<string>(type: "TEXT", nullable: true),
                    handler = table.Column<string>(type: "TEXT", nullable: true),
                    input_key = table.Column<string>(type: "TEXT", nullable: true),
                    max_cost = table.Column<decimal>(type: "TEXT", precision: 18, scale: 9, nullable: true),
                    max_rounds = table.Column<int>(type: "INTEGER", nullable: false),
                    round = table.Column<int>(type: "INTEGER", nullable: false),
                    entry_count = table.Column<int>(type: "INTEGER", nullable: false),
                    succeeded_count = table.Column<int>(type: "INTEGER", nullable: false),
                    failed_count = table.Column<int>(type: "INTEGER", nullable: false),
                    canceled_count = table.Column<int>(type: "INTEGER", nullable: false),
                    expired_count = table.Column<int>(type: "INTEGER", nullable: false),
                    input_tokens = table.Column<long>(type: "INTEGER", nullable: true),
                    output_tokens = table.Column<long>(type: "INTEGER", nullable: true),
                    cost = table.Column<decimal>(type: "TEXT", precision: 18, scale: 9, nullable: true),
                    created_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    sealed_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    finished_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    cancel_requested_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    failure_reason = table.Column<string>(type: "TEXT", nullable: true),
                    dispatch_id = table.Column<string>(type: "TEXT", nullable: true),
                    dispatch_attempt = table.Column<int>(type: "INTEGER", nullable: false),
                    next_dispatch_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    handler_dispatched_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    dispatch_parked_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    dispatch_error = table.Column<string>(type: "TEXT", nullable: true),
                    lease_owner = table.Column<string>(type: "TEXT", nullable: true),
                    lease_until = table.Column<DateTime>(type: "TEXT", nullable: true),
                    version = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_offpeak_batches", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "offpeak_entries",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    batch_id = table.Column<long>(type: "INTEGER", nullable: false),
                    custom_id = table.Column<string>(type: "TEXT", nullable: false),
                    model = table.Column<string>(type: "TEXT", nullable: false),
                    status = table.Column<string>(type: "TEXT", nullable: false),
                    shard_id = table.Column<long>(type: "INTEGER", nullable: true),
                    attempts = table.Column<int>(type: "INTEGER", nullable: false),
                    request_bytes = table.Column<int>(type: "INTEGER", nullable: false),
                    status_code = table.Column<int>(type: "INTEGER", nullable: true),
                    error_code = table.Column<string>(type: "TEXT", nullable: true),
                    error_message = table.Column<string>(type: "TEXT", nullable: true),
                    finish_reason = table.Column<string>(type: "TEXT", nullable: true),
                    response_model = table.Column<string>(type: "TEXT", nullable: true),
                    input_tokens = table.Column<long>(type: "INTEGER", nullable: true),
                    cached_input_tokens = table.Column<long>(type: "INTEGER", nullable: true),
                    output_tokens = table.Column<long>(type: "INTEGER", nullable: true),
                    cost = table.Column<decimal>(type: "TEXT", precision: 18, scale: 9, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_offpeak_entries", x => x.id);
                    table.ForeignKey(
                        name: "FK_offpeak_entries_offpeak_batches_batch_id",
                        column: x => x.batch_id,
                        principalTable: "offpeak_batches",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "offpeak_provider_batches",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    batch_id = table.Column<long>(type: "INTEGER", nullable: false),
                    round = table.Column<int>(type: "INTEGER", nullable: false),
                    shard = table.Column<int>(type: "INTEGER", nullable: false),
                    provider = table.Column<string>(type: "TEXT", nullable: false),
                    model = table.Column<string>(type: "TEXT", nullable: false),
                    endpoint = table.Column<string>(type: "TEXT", nullable: false),
                    status = table.Column<string>(type: "TEXT", nullable: false),
                    provider_batch_id = table.Column<string>(type: "TEXT", nullable: true),
                    submission_key = table.Column<string>(type: "TEXT", nullable: false),
                    provider_status = table.Column<string>(type: "TEXT", nullable: true),
                    provider_state = table.Column<string>(type: "TEXT", nullable: true),
                    key_fingerprint = table.Column<string>(type: "TEXT", nullable: true),
                    rejected_ids = table.Column<string>(type: "TEXT", nullable: true),
                    duplicate_ids = table.Column<string>(type: "TEXT", nullable: true),
                    entry_count = table.Column<int>(type: "INTEGER", nullable: false),
                    body_bytes = table.Column<long>(type: "INTEGER", nullable: false),
                    request_counts = table.Column<string>(type: "TEXT", nullable: true),
                    submit_attempts = table.Column<int>(type: "INTEGER", nullable: false),
                    next_submit_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    create_begun_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    first_create_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    unconfirmed_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    submitted_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    next_poll_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    poll_attempt = table.Column<int>(type: "INTEGER", nullable: false),
                    poll_generation = table.Column<int>(type: "INTEGER", nullable: false),
                    not_found_since = table.Column<DateTime>(type: "TEXT", nullable: true),
                    paused_reason = table.Column<string>(type: "TEXT", nullable: true),
                    last_error = table.Column<string>(type: "TEXT", nullable: true),
                    last_error_class = table.Column<string>(type: "TEXT", nullable: true),
                    cancel_sent_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    ended_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    results_fetched_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    cleaned_up_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    failure_error = table.Column<string>(type: "TEXT", nullable: true),
                    failure_reason = table.Column<string>(type: "TEXT", nullable: true),
                    malformed_count = table.Column<int>(type: "INTEGER", nullable: false),
                    unknown_count = table.Column<int>(type: "INTEGER", nullable: false),
                    duplicate_count = table.Column<int>(type: "INTEGER", nullable: false),
                    conflict_count = table.Column<int>(type: "INTEGER", nullable: false),
                    lease_owner = table.Column<string>(type: "TEXT", nullable: true),
                    lease_until = table.Column<DateTime>(type: "TEXT", nullable: true),
                    version = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_offpeak_provider_batches", x => x.id);
                    table.ForeignKey(
                        name: "FK_offpeak_provider_batches_offpeak_batches_batch_id",
                        column: x => x.batch_id,
                        principalTable: "offpeak_batches",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "offpeak_entry_requests",
                columns: table => new
                {
                    entry_id = table.Column<long>(type: "INTEGER", nullable: false),
                    body = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_offpeak_entry_requests", x => x.entry_id);
                    table.ForeignKey(
                        name: "FK_offpeak_entry_requests_offpeak_entries_entry_id",
                        column: x => x.entry_id,
                        principalTable: "offpeak_entries",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "offpeak_entry_results",
                columns: table => new
                {
                    entry_id = table.Column<long>(type: "INTEGER", nullable: false),
                    body = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_offpeak_entry_results", x => x.entry_id);
                    table.ForeignKey(
                        name: "FK_offpeak_entry_results_offpeak_entries_entry_id",
                        column: x => x.entry_id,
                        principalTable: "offpeak_entries",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_offpeak_batches_input_key",
                table: "offpeak_batches",
                column: "input_key",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_offpeak_batches_next_dispatch_at",
                table: "offpeak_batches",
                column: "next_dispatch_at");

            migrationBuilder.CreateIndex(
                name: "IX_offpeak_batches_status",
                table: "offpeak_batches",
                column: "status");

            migrationBuilder.CreateIndex(
                name: "IX_offpeak_entries_batch_id_custom_id",
                table: "offpeak_entries",
                columns: new[] { "batch_id", "custom_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_offpeak_entries_batch_id_id",
                table: "offpeak_entries",
                columns: new[] { "batch_id", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_offpeak_entries_shard_id_id",
                table: "offpeak_entries",
                columns: new[] { "shard_id", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_offpeak_provider_batches_batch_id_round_shard",
                table: "offpeak_provider_batches",
                columns: new[] { "batch_id", "round", "shard" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_offpeak_provider_batches_next_poll_at",
                table: "offpeak_provider_batches",
                column: "next_poll_at");

            migrationBuilder.CreateIndex(
                name: "IX_offpeak_provider_batches_status",
                table: "offpeak_provider_batches",
                column: "status");

            migrationBuilder.CreateIndex(
                name: "IX_offpeak_provider_batches_submission_key",
                table: "offpeak_provider_batches",
                column: "submission_key",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "offpeak_entry_requests");

            migrationBuilder.DropTable(
                name: "offpeak_entry_results");

            migrationBuilder.DropTable(
                name: "offpeak_provider_batches");

            migrationBuilder.DropTable(
                name: "offpeak_entries");

            migrationBuilder.DropTable(
                name: "offpeak_batches");
        }
    }
}
