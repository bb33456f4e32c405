namespace Offpeak.Storage;

/// <summary>A new value for a field of a row, or nothing: a field that is not set keeps its value.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
/// <param name="Value">The value.</param>
public readonly record struct Set<T>(T Value)
{
    private readonly bool isSet = true;

    /// <summary>Whether there is a value; false for <c>default</c>.</summary>
    public bool IsSet => isSet;

    /// <summary>Sets a value.</summary>
    public static implicit operator Set<T>(T value) => new(value);
}
