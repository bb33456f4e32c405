namespace Offpeak.Simulation.Cloud;

/// <summary>A request or an answer on the wire.</summary>
internal sealed record SimBody
{
    /// <summary>Whose form it is.</summary>
    public required string Form { get; init; }

    /// <summary>The model that is asked.</summary>
    public string? Model { get; init; }

    /// <summary>The prompt or the answer; null in an answer that no reader understands.</summary>
    public string? Text { get; init; }

    /// <summary>The schema that the answer has to match.</summary>
    public string? Schema { get; init; }

    /// <summary>Which provider batch answered what: tells every answer from every other.</summary>
    public string? From { get; init; }
}
