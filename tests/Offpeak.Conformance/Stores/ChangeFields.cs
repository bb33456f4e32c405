using System.Reflection;
using System.Text.Json;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Conformance.Stores;

/// <summary>The fields of a change one after another, so that a field that is added later is asked for too.</summary>
internal static class ChangeFields
{
    public static IEnumerable<PropertyInfo> Of<TChange>() =>
        typeof(TChange).GetProperties().Where(field => field.PropertyType.IsGenericType && field.PropertyType.GetGenericTypeDefinition() == typeof(Set<>));

    /// <summary>A change of one field alone: to a value, or to none where the field knows that.</summary>
    public static TChange Only<TChange>(PropertyInfo field, object? value)
        where TChange : new()
    {
        var change = new TChange();
        field.SetValue(change, Activator.CreateInstance(field.PropertyType, value));
        return change;
    }

    /// <summary>A value that no row begins with, as it is written, and what is read of it.</summary>
    public static (object Written, object Read) Example(PropertyInfo field, DateTimeOffset now)
    {
        var text = $"{field.Name} \"ä\"";
        var type = field.PropertyType.GenericTypeArguments[0];
        if (type == typeof(When))
            return (When.In(TimeSpan.FromMinutes(field.Name.Length)), now.AddMinutes(field.Name.Length));

        object value = type == typeof(string) ? text
            : type == typeof(int) || type == typeof(int?) ? field.Name.Length
            : type == typeof(decimal?) ? 0.1234567890123456789m
            : type == typeof(BatchStep?) ? BatchStep.Cancel
            : type == typeof(ProviderStatus) ? new ProviderStatus(text)
            : type == typeof(Journal) ? new Journal([new("file", text)])
            : type == typeof(IReadOnlyList<string>) ? new[] { text, "second" }
            : type == typeof(ProviderCounts) ? new ProviderCounts(3, 2, null)
            : type == typeof(Trouble) ? new Trouble(ProviderErrorClass.Capacity, text, IsPaused: true)
            : throw new NotSupportedException($"An example of {type} is missing.");
        return (value, value);
    }

    /// <summary>What clears a field; null where nothing does.</summary>
    public static object? Nothing(PropertyInfo field)
    {
        var type = field.PropertyType.GenericTypeArguments[0];
        return type == typeof(When) ? When.Never : type == typeof(Journal) ? Journal.Empty : type == typeof(IReadOnlyList<string>) ? Array.Empty<string>() : null;
    }

    public static bool CanBeCleared(PropertyInfo field) => field.PropertyType.GenericTypeArguments[0] != typeof(int);

    /// <summary>What of a row differs, by name, with what it is now.</summary>
    public static IReadOnlyDictionary<string, string> Differences<TRow>(TRow before, TRow after) => typeof(TRow).GetProperties()
        .Where(column => Show(column.GetValue(before)) != Show(column.GetValue(after)))
        .ToDictionary(column => column.Name, column => Show(column.GetValue(after)));

    public static string Show(object? value) => value is Journal journal ? JsonSerializer.Serialize(journal.Values) : JsonSerializer.Serialize(value);
}
