namespace Offpeak.Testing;

/// <summary>Deviations seen on servers that speak OpenAI's batch API with an accent.</summary>
public sealed record OpenAIDialect
{
    /// <summary>How a status is spelled: <c>in_progress</c>, <c>IN_PROGRESS</c> or <c>In_progress</c>. Default lower case.</summary>
    public StatusSpelling StatusSpelling { get; init; }

    /// <summary>How a list is wrapped. Default <c>{"data": […]}</c>.</summary>
    public ListWrapper ListWrapper { get; init; }

    /// <summary>Answers a create with <c>{"job": {…}}</c>, as Together does. Default false.</summary>
    public bool WrapCreatedJob { get; init; }

    /// <summary>Writes a <c>batch_cancelled</c> line for each request that a cancel left undone, as Morph does. Default false.</summary>
    public bool WriteCancelledLines { get; init; }
}
