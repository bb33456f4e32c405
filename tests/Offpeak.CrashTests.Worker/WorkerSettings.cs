using System.Globalization;

namespace Offpeak.CrashTests.Worker;

/// <summary>What a worker is told on its command line; the engine's own settings come as environment variables.</summary>
internal sealed record WorkerSettings
{
    public StoreName Store { get; init; }

    /// <summary>The file, or how to connect.</summary>
    public string Database { get; init; } = "";

    /// <summary>Stands for the world outside the database: the handler appends to it and nothing can take that back.</summary>
    public string OutsideFile { get; init; } = "";

    /// <summary>Where to die, as <c>point</c> or <c>point:n</c> for the n-th time; <c>Any</c> counts every point. Null: nowhere.</summary>
    public string? KillAt { get; init; }

    /// <summary>Where to suspend itself, as <see cref="KillAt"/>; somebody else has it go on. Null: nowhere.</summary>
    public string? StopAt { get; init; }

    /// <summary>The point at which a rival changes the shards behind this worker's back, once. Null: nowhere.</summary>
    public string? RivalAt { get; init; }

    /// <summary>Whether this worker makes and submits the batch; another one only works on what it finds.</summary>
    public bool Submits { get; init; } = true;

    /// <summary>Whether this worker has the batch cancelled.</summary>
    public bool Cancels { get; init; }

    /// <summary>Whether this worker, once the batch is at its end, has what failed asked again.</summary>
    public bool Retries { get; init; }

    /// <summary>Whether it stays until the batch is deleted.</summary>
    public bool Purges { get; init; }

    /// <summary>A file without which nothing is begun, so that several processes begin at the same moment. Null: it begins at once.</summary>
    public string? Gate { get; init; }

    /// <summary>Part of an answer that the store refuses. Null: it takes all.</summary>
    public string? OddAnswer { get; init; }

    /// <summary>What the batch may cost, in US dollars. Null: anything.</summary>
    public decimal? MaxCost { get; init; }

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
        select string.Create(CultureInfo.InvariantCulture, $"--{property.Name}={property.GetValue(this)}");
}
