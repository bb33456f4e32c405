using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Offpeak.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Turns : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "fallback_body",
                table: "offpeak_entry_requests",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "next_body",
                table: "offpeak_entry_requests",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "answer_retries",
                table: "offpeak_entries",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "continuation",
                table: "offpeak_entries",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "output_raised",
                table: "offpeak_entries",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "turn",
                table: "offpeak_entries",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<bool>(
                name: "validates_answer",
                table: "offpeak_entries",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "canary",
                table: "offpeak_batches",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<TimeSpan>(
                name: "fallback_after",
                table: "offpeak_batches",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "fallback_model",
                table: "offpeak_batches",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "fallback_since",
                table: "offpeak_batches",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "max_answer_retries",
                table: "offpeak_batches",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "max_turns",
                table: "offpeak_batches",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<bool>(
                name: "validates_answers",
                table: "offpeak_batches",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "fallback_body",
                table: "offpeak_entry_requests");

            migrationBuilder.DropColumn(
                name: "next_body",
                table: "offpeak_entry_requests");

            migrationBuilder.DropColumn(
                name: "answer_retries",
                table: "offpeak_entries");

            migrationBuilder.DropColumn(
                name: "continuation",
                table: "offpeak_entries");

            migrationBuilder.DropColumn(
                name: "output_raised",
                table: "offpeak_entries");

            migrationBuilder.DropColumn(
                name: "turn",
                table: "offpeak_entries");

            migrationBuilder.DropColumn(
                name: "validates_answer",
                table: "offpeak_entries");

            migrationBuilder.DropColumn(
                name: "canary",
                table: "offpeak_batches");

            migrationBuilder.DropColumn(
                name: "fallback_after",
                table: "offpeak_batches");

            migrationBuilder.DropColumn(
                name: "fallback_model",
                table: "offpeak_batches");

            migrationBuilder.DropColumn(
                name: "fallback_since",
                table: "offpeak_batches");

            migrationBuilder.DropColumn(
                name: "max_answer_retries",
                table: "offpeak_batches");

            migrationBuilder.DropColumn(
                name: "max_turns",
                table: "offpeak_batches");

            migrationBuilder.DropColumn(
                name: "validates_answers",
                table: "offpeak_batches");
        }
    }
}
