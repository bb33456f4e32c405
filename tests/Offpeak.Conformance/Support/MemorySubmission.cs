using System.Runtime.CompilerServices;
using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.Conformance.Support;

/// <summary>A shard whose entries are made when they are asked for, so that a large one takes no memory. Notes what the provider tells it.</summary>
internal sealed class MemorySubmission : Submission
{
    private Func<int, ReadOnlyMemory<byte>> bodyOf = _ => default;

    /// <summary>What was journalled, oldest first, over all attempts.</summary>
    public List<(string Name, string Value)> Journal { get; private init; } = [];

    /// <summary>How often this attempt said that it is about to create.</summary>
    public int CreatesBegun { get; private set; }

    /// <summary>Called when the create call is about to be sent.</summary>
    public Action OnBeginCreate { get; set; } = () => { };

    /// <summary>How often the entries were read from the start.</summary>
    public int Readings { get; private set; }

    public IEnumerable<string> WireIds => Enumerable.Range(1, EntryCount).Select(number => Key.WireId(number));

    /// <summary>Entries of the same size whose bodies are made on demand.</summary>
    public static MemorySubmission Of(SubmissionKey key, string model, BatchEndpoint endpoint, int count, Func<int, ReadOnlyMemory<byte>> bodyOf) => new()
    {
        Key = key,
        Model = model,
        Endpoint = endpoint,
        EntryCount = count,
        BodyBytes = Enumerable.Range(1, count).Sum(number => (long)bodyOf(number).Length),
        WireIdBytes = Enumerable.Range(1, count).Sum(number => (long)key.WireId(number).Length),
        bodyOf = bodyOf,
    };

    /// <summary>The next attempt, as the engine makes it: nothing is kept but what was journalled.</summary>
    public MemorySubmission Again() => new()
    {
        Key = Key,
        Model = Model,
        Endpoint = Endpoint,
        EntryCount = EntryCount,
        BodyBytes = BodyBytes,
        WireIdBytes = WireIdBytes,
        State = State,
        Journal = Journal,
        OnBeginCreate = OnBeginCreate,
        bodyOf = bodyOf,
    };

    public override async IAsyncEnumerable<SubmissionEntry> ReadEntriesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Readings++;
        for (var number = 1; number <= EntryCount; number++)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return new SubmissionEntry(Key.WireId(number), bodyOf(number));
        }
    }

    public override Task JournalAsync(string name, string value, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Journal.Add((name, value));
        Journal = Journal.With(name, value);
        return Task.CompletedTask;
    }

    public override Task BeginCreateAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        CreatesBegun++;
        OnBeginCreate();
        return Task.CompletedTask;
    }
}
