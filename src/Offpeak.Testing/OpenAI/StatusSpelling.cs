namespace Offpeak.Testing;

/// <summary>How a server spells batch statuses.</summary>
public enum StatusSpelling
{
    /// <summary><c>in_progress</c>, as OpenAI does.</summary>
    LowerCase,

    /// <summary><c>IN_PROGRESS</c>, as Together and Novita do.</summary>
    UpperCase,

    /// <summary><c>In_progress</c>, as older Azure OpenAI versions do.</summary>
    TitleCase,
}
