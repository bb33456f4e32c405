using System.Text.Json;

namespace Offpeak.Cli.Tests.Support;

/// <summary>What a run of the program left behind.</summary>
public sealed record CliResult(int ExitCode, string Out, string Error)
{
    public string[] OutLines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The JSON object that <c>--json</c> prints last.</summary>
    public JsonElement Json => JsonDocument.Parse(OutLines[^1]).RootElement;

    /// <summary>Checks the exit code, showing what the program said when it is another.</summary>
    public CliResult Exits(int exitCode)
    {
        Assert.True(exitCode == ExitCode, $"Exit code {ExitCode} instead of {exitCode}.\n{Error}\n{Out}");
        return this;
    }

    /// <summary>One clear sentence on standard error and nothing else.</summary>
    public CliResult Says(string sentence)
    {
        Assert.Equal("offpeak: " + sentence, Error.Trim());
        return this;
    }

    public CliResult Mentions(string text)
    {
        Assert.Contains(text, Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        return this;
    }
}
