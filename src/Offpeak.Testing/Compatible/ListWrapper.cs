namespace Offpeak.Testing;

/// <summary>How a server wraps a list.</summary>
public enum ListWrapper
{
    /// <summary><c>{"object": "list", "data": […]}</c>, as OpenAI does.</summary>
    Data,

    /// <summary><c>{"value": […]}</c>, as older Azure OpenAI versions do.</summary>
    Value,

    /// <summary>A bare array without paging, as Together does.</summary>
    BareArray,
}
