namespace Offpeak.Models;

/// <summary>The form <c>provider/model</c>. A model may itself hold slashes.</summary>
public static class ModelName
{
    /// <summary>Splits at the first slash.</summary>
    /// <exception cref="OffpeakException">The text has another form.</exception>
    public static (string Provider, string Model) Split(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < text.Length - 1
            ? (text[..slash], text[(slash + 1)..])
            : throw new OffpeakException(
                OffpeakErrorCode.InvalidInput, $"'{text}' is no model; write provider/model, for example openai/gpt-5-nano.");
    }
}
