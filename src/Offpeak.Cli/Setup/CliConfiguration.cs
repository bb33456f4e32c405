using System.CommandLine;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;
using Offpeak.Cli.Input;

namespace Offpeak.Cli;

/// <summary>
/// The settings of a command: environment variables, and below them a JSON file. The file is there because no shell can export a variable that
/// has a model in its name; it is never looked for, because one that lies in a folder could send the keys elsewhere.
/// </summary>
internal static class CliConfiguration
{
    /// <summary>Which settings beside the environment.</summary>
    public static readonly Option<string?> File = new("--config")
    {
        Description = "A JSON file of settings, such as prices. Default: OFFPEAK_CONFIG, else none.",
        HelpName = "FILE",
    };

    /// <summary>The environment and the file that <c>--config</c> names, else <c>OFFPEAK_CONFIG</c>.</summary>
    /// <exception cref="InputException">The file cannot be read.</exception>
    public static IConfigurationRoot Of(ParseResult parsed)
    {
        var builder = new ConfigurationBuilder();
        AddTo(builder, parsed);
        return builder.Build();
    }

    /// <inheritdoc cref="Of(ParseResult)"/>
    public static void AddTo(IConfigurationBuilder builder, ParseResult parsed)
    {
        var file = parsed.GetValue(File) ?? System.Environment.GetEnvironmentVariable("OFFPEAK_CONFIG");
        if (!string.IsNullOrEmpty(file))
            AddFile(builder, file);

        builder.AddEnvironmentVariables();
    }

    /// <summary>The environment alone.</summary>
    public static IConfigurationRoot Environment() => new ConfigurationBuilder().AddEnvironmentVariables().Build();

    // Apart, so that the JSON library is loaded for a file only. As a stream, because a file's provider passes over names that begin with a dot.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddFile(IConfigurationBuilder builder, string file)
    {
        try
        {
            using var stream = new MemoryStream(System.IO.File.ReadAllBytes(file));
            var configuration = new ConfigurationBuilder().AddJsonStream(stream).Build();
            builder.AddConfiguration(configuration);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"There is no configuration file {file}. Check the path.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException or InvalidDataException or System.Text.Json.JsonException)
        {
            throw new InputException($"The configuration file {file} cannot be read: {(error.InnerException ?? error).Message}", error);
        }
    }
}
