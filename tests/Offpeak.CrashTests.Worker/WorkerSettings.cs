namespace Offpeak.CrashTests.Worker;

/// <summary>What a worker is told on its command line; the engine's own settings come as environment variables.</summary>
internal sealed record WorkerSettings
{
    public string Database { get; init; } = "";

    /// <summary>Stands for the world outside the database: the handler appends to it and nothing can take that back.</summary>
    public string OutsideFile { get; init; } = "";

    /// <summary>Where to die, as <c>point</c> or <c>point:n</c> for the n-th time; <c>Any</c> counts every point. Null: nowhere.</summary>
    public string? KillAt { get; init; }

    /// <summary>The point at which a rival changes the provider batches behind this worker's back, once. Null: nowhere.</summary>
    public string? RivalAt { get; init; }

    /// <summary>Whether this worker makes and submits the batch; another one only works on what it finds.</summary>
    public bool Submits { get; init; } = true;

    /// <summary>Whose batches it makes.</summary>
    public string Provider { get; init; } = "openai";

    /// <summary>Whether the answers are to follow a schema.</summary>
    public bool HasSchema { get; init; }

    /// <summary>Whether what is left after the last round goes to a local provider.</summary>
    public bool HasFallback { get; init; }

    /// <summary>Most entries in one provider batch.</summary>
    public int ShardSize { get; init; } = 5;

    /// <summary>How long the handler takes.</summary>
    public TimeSpan HandlerDelay { get; init; }

    /// <summary>Whether the handler goes on although it was told to stop.</summary>
    public bool HandlerIsDeaf { get; init; }

    /// <summary>How long the host waits for its services to stop.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);

    public IEnumerable<string> ToArguments() =>
        from property in typeof(WorkerSettings).GetProperties()
        where property.GetValue(this) is not null
        select $"--{property.Name}={property.GetValue(this)}";
}
