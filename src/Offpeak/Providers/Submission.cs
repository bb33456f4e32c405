using Offpeak.Codec;

namespace Offpeak.Providers;

/// <summary>One shard on its way to a provider: its entries as a stream, and the journal that makes the hand-over crash safe.</summary>
public abstract class Submission
{
    /// <summary>The shard, with what earlier attempts journalled.</summary>
    public required ShardDescription Shard
    {
        get;
        init
        {
            field = value;
            Journal = value.Journal;
        }
    }

    /// <summary>The key to carry in the provider's batch and input file name.</summary>
    public SubmissionKey Key => Shard.Key;

    /// <summary>The model, without the provider's name.</summary>
    public string Model => Shard.Model;

    /// <summary>The provider endpoint every entry is meant for.</summary>
    public BatchEndpoint Endpoint => Shard.Endpoint;

    /// <summary>Number of entries in the shard.</summary>
    public int EntryCount => Shard.EntryCount;

    /// <summary>Sum of the entries' body lengths, in bytes.</summary>
    public required long BodyBytes { get; init; }

    /// <summary>Sum of the wire ids' lengths, in bytes; with <see cref="BodyBytes"/> it gives the exact length of an upload beforehand.</summary>
    public required long WireIdBytes { get; init; }

    /// <summary>What earlier attempts and this one journalled, for example the id of an input file that is already uploaded.</summary>
    public Journal Journal { get; protected set; } = Journal.Empty;

    /// <summary>Streams the entries in order. May be called more than once; no database transaction is held while the consumer waits.</summary>
    /// <exception cref="LeaseLostException">Another worker has taken the shard over.</exception>
    public abstract IAsyncEnumerable<SubmissionEntry> ReadEntriesAsync(CancellationToken cancellationToken);

    /// <summary>Makes an id durable as soon as it is known. Also renews the lease.</summary>
    /// <exception cref="LeaseLostException">Another worker has taken the shard over.</exception>
    public abstract Task JournalAsync(string name, string value, CancellationToken cancellationToken);

    /// <summary>
    /// Makes it durable that the create call is about to be sent. Until this returns the engine knows that the provider holds no batch.
    /// </summary>
    /// <exception cref="LeaseLostException">Another worker has taken the shard over.</exception>
    public abstract Task BeginCreateAsync(CancellationToken cancellationToken);
}
