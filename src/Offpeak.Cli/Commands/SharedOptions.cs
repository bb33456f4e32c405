using System.CommandLine;

namespace Offpeak.Cli.Commands;

/// <summary>Options and arguments that several commands have.</summary>
internal static class SharedOptions
{
    public static Option<string?> Database() => new("--db")
    {
        Description = "The database: a SQLite file. Default: OFFPEAK_DB, else offpeak.db.",
        HelpName = "FILE",
    };

    public static Argument<long> BatchId() => new("ID") { Description = "The batch's number, as 'offpeak list' shows it." };
}
