using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Offpeak.Storage;

/// <summary>Stores a status as the word used in the documentation (<c>in_progress</c>), so that a person can read the tables.</summary>
internal static class SnakeCaseEnum<T>
    where T : struct, Enum
{
    private static readonly Dictionary<T, string> Names =
        Enum.GetValues<T>().ToDictionary(value => value, value => OffpeakModel.ToSnakeCase(value.ToString()));

    private static readonly Dictionary<string, T> Values = Names.ToDictionary(pair => pair.Value, pair => pair.Key);

    public static readonly ValueConverter<T, string> Converter = new(value => Name(value), name => Parse(name));

    public static string Name(T value) => Names[value];

    public static T Parse(string name) => Values[name];
}
