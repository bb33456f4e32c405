using System.Text;

namespace Offpeak.Cli.Input;

/// <summary>Reads a small text file that the command names: UTF-8, with or without a mark at its start, or UTF-16 with one, as some editors write.</summary>
internal static class TextFile
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="path">The file.</param>
    /// <param name="what">What it is, for messages.</param>
    /// <param name="hint">What may be meant instead, as a sentence; null for nothing.</param>
    /// <exception cref="InputException">It is not there, cannot be read, or is not text.</exception>
    public static string Read(string path, string what, string? hint = null)
    {
        try
        {
            using var reader = new StreamReader(path, Strict, detectEncodingFromByteOrderMarks: true);
            return reader.ReadToEnd();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"There is no {what} file {path}. Check the path{(hint is null ? "." : $"; {hint}")}", error);
        }
        catch (DecoderFallbackException error)
        {
            throw new InputException($"The {what} {path} is not valid UTF-8. Save the file as UTF-8.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"The {what} {path} cannot be read: {error.Message}", error);
        }
    }
}
