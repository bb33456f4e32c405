using System.Runtime.CompilerServices;
using System.Text;
using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.TestKit;

/// <summary>
/// A shard whose entries are made when they are asked for, so that a large one takes no memory. Notes what the provider tells it; like the
/// engine's own it writes nothing down once it is cancelled.
/// </summary>
public sealed class MemorySubmission : Submission
{
    private Func<int, ReadOnlyMemory<byte>> bodyOf = _ => default;

    /// <summary>What was journalled, oldest first, over all attempts.</summary>
    public List<(string Name, string Value)> Notes { get; private init; } = [];

    /// <summary>What this attempt was told: <c>journal name=value</c> and <c>begin</c>.</summary>
    public List<string> Log { get; } = [];

    /// <summary>How often this attempt said that it is about to create.</summary>
    public int CreatesBegun { get; private set; }

    /// <summary>Called when the create call is about to be sent.</summary>
    public Action OnBeginCreate { get; set; } = () => { };

    /// <summary>Called while the next entry is waited for.</summary>
    public Action BeforeEntry { get; set; } = () => { };

    /// <summary>How often the entries were read from the start.</summary>
    public int Readings { get; private set; }

    /// <summary>The wire ids, in order.</summary>
    public IEnumerable<string> WireIds => Enumerable.Range(1, EntryCount).Select(number => Key.WireId(number));

    /// <summary>Entries whose bodies are made on demand.</summary>
    /// <param name="shard">The shard, whose entries are numbered from 1.</param>
    /// <param name="bodyOf">The body of an entry.</param>
    /// <param name="extraBytes">Bytes announced beyond those of the entries.</param>
    public static MemorySubmission Of(ShardDescription shard, Func<int, ReadOnlyMemory<byte>> bodyOf, long extraBytes = 0) => new()
    {
        Shard = shard,
        BodyBytes = Enumerable.Range(1, shard.EntryCount).Sum(number => (long)bodyOf(number).Length) + extraBytes,
        WireIdBytes = Enumerable.Range(1, shard.EntryCount).Sum(number => (long)shard.Key.WireId(number).Length),
        bodyOf = bodyOf,
    };

    /// <inheritdoc cref="Of(ShardDescription, Func{int, ReadOnlyMemory{byte}}, long)"/>
    public static MemorySubmission Of(SubmissionKey key, string model, BatchEndpoint endpoint, int count, Func<int, ReadOnlyMemory<byte>> bodyOf) =>
        Of(new ShardDescription { Key = key, Model = model, Endpoint = endpoint, EntryCount = count }, bodyOf);

    /// <summary>A shard of chat entries with these bodies.</summary>
    public static MemorySubmission Of(
        SubmissionKey key, string model, IEnumerable<string> bodies, Journal? journal = null, BatchEndpoint? endpoint = null, long extraBytes = 0)
    {
        var bytes = bodies.Select(body => Encoding.UTF8.GetBytes(body)).ToList();
        var shard = new ShardDescription
        {
            Key = key,
            Model = model,
            Endpoint = endpoint ?? BatchEndpoint.Chat,
            EntryCount = bytes.Count,
            Journal = journal ?? Journal.Empty,
        };
        return Of(shard, number => bytes[number - 1], extraBytes);
    }

    /// <summary>The next attempt, as the engine makes it: nothing is kept but what was journalled.</summary>
    public MemorySubmission Again() => new()
    {
        Shard = Shard with { Journal = Journal },
        BodyBytes = BodyBytes,
        WireIdBytes = WireIdBytes,
        Notes = Notes,
        OnBeginCreate = OnBeginCreate,
        bodyOf = bodyOf,
    };

    /// <summary>As if one value had never been journalled.</summary>
    public MemorySubmission Forgetting(string name)
    {
        Journal = Journal.With(name, null);
        return this;
    }

    /// <summary>The batch that the provider made of this shard.</summary>
    public ProviderBatchRef At(string providerBatchId) => new(Shard with { Journal = Journal }, providerBatchId);

    /// <summary>The question whether the provider holds this shard.</summary>
    public FindRequest Since(DateTimeOffset notBefore) => new(Shard with { Journal = Journal }, notBefore);

    /// <inheritdoc/>
    public override async IAsyncEnumerable<SubmissionEntry> ReadEntriesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Readings++;
        for (var number = 1; number <= EntryCount; number++)
        {
            await Task.Yield();
            BeforeEntry();
            cancellationToken.ThrowIfCancellationRequested();
            yield return new SubmissionEntry(Key.WireId(number), bodyOf(number));
        }
    }

    /// <inheritdoc/>
    public override Task JournalAsync(string name, string value, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Notes.Add((name, value));
        Log.Add($"journal {name}={value}");
        Journal = Journal.With(name, value);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task BeginCreateAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        CreatesBegun++;
        Log.Add("begin");
        OnBeginCreate();
        return Task.CompletedTask;
    }
}
