using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Offpeak.Providers;

/// <summary>Reads the values of a configuration section by name, without reflection. Blank text counts as not set.</summary>
/// <param name="configuration">The host's configuration; null holds nothing.</param>
/// <param name="section">The section's path, or null for the root.</param>
public readonly struct ProviderSettings(IConfiguration? configuration, string? section)
{
    /// <summary>A text without blanks around it, or null.</summary>
    public string? Text(string name) => configuration?[PathOf(name)] is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;

    /// <summary>A duration such as <c>00:02:00</c>, or null.</summary>
    /// <exception cref="OffpeakException">The text is none.</exception>
    public TimeSpan? Duration(string name) => Text(name) is not { } text ? null
        : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var duration) ? duration : throw Unreadable(name, "a duration such as 00:02:00");

    /// <summary>A whole number, or null.</summary>
    /// <exception cref="OffpeakException">The text is none.</exception>
    public long? WholeNumber(string name) => Text(name) is not { } text ? null
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw Unreadable(name, "a whole number");

    /// <summary>A number that an <see cref="int"/> holds, or null.</summary>
    /// <exception cref="OffpeakException">The text is none.</exception>
    public int? Count(string name) => WholeNumber(name) is not { } number ? null
        : number is >= int.MinValue and <= int.MaxValue ? (int)number : throw Unreadable(name, "a smaller number");

    /// <summary>A number with a fraction, or null.</summary>
    /// <exception cref="OffpeakException">The text is none.</exception>
    public decimal? Fraction(string name) => Text(name) is not { } text ? null
        : decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw Unreadable(name, "a number");

    /// <summary>True or false, or null.</summary>
    /// <exception cref="OffpeakException">The text is neither.</exception>
    public bool? Switch(string name) => Text(name) is not { } text ? null
        : bool.TryParse(text, out var value) ? value : throw Unreadable(name, "true or false");

    /// <summary>One of the names of an enumeration, in any case, or null.</summary>
    /// <exception cref="OffpeakException">The text is none of them.</exception>
    public T? Choice<T>(string name)
        where T : struct, Enum => Text(name) is not { } text ? null
        : Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value)
            ? value
            : throw Unreadable(name, "one of " + string.Join(", ", Enum.GetNames<T>()));

    /// <summary>The pairs under a name; none if there are none.</summary>
    public IEnumerable<KeyValuePair<string, string>> Pairs(string name) =>
        configuration?.GetSection(PathOf(name)).GetChildren().Select(pair => KeyValuePair.Create(pair.Key, pair.Value ?? "")) ?? [];

    private string PathOf(string name) => section is null ? name : $"{section}:{name}";

    // The value is not repeated: a key may have slipped into the wrong line.
    private OffpeakException Unreadable(string name, string wanted) =>
        new(OffpeakErrorCode.InvalidInput, $"The setting {PathOf(name)} cannot be read; it must be {wanted}.");
}
