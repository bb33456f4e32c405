using System.Runtime.CompilerServices;
using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.XAI.Tests.Support;

/// <summary>A shard that makes its entries while they are read, and notes what was journalled and when the create call began.</summary>
internal sealed class TestSubmission : Submission
{
    private Func<int, byte[]> body = _ => [];

    public List<string> Log { get; } = [];

    public static TestSubmission Of(int entries, Func<int, byte[]> body, SubmissionKey? key = null, BatchEndpoint? endpoint = null)
    {
        var submissionKey = key ?? new SubmissionKey("op-test");
        return new TestSubmission
        {
            Key = submissionKey,
            Model = "grok-test",
            Endpoint = endpoint ?? BatchEndpoint.Chat,
            EntryCount = entries,
            BodyBytes = Enumerable.Range(1, entries).Sum(i => (long)body(i).Length),
            WireIdBytes = Enumerable.Range(1, entries).Sum(i => (long)submissionKey.WireId(i).Length),
            body = body,
        };
    }

    /// <summary>The same shard in a process that knows only what was journalled.</summary>
    public TestSubmission Again() => new()
    {
        Key = Key,
        Model = Model,
        Endpoint = Endpoint,
        EntryCount = EntryCount,
        BodyBytes = BodyBytes,
        WireIdBytes = WireIdBytes,
        State = State,
        body = body,
    };

    public TestSubmission Forgetting(string name)
    {
        Journal = Journal.With(name, null);
        return this;
    }

    public override async IAsyncEnumerable<SubmissionEntry> ReadEntriesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var i = 1; i <= EntryCount; i++)
        {
            if (i % 1_000 == 0)
                await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return new SubmissionEntry(Key.WireId(i), body(i));
        }
    }

    public override Task JournalAsync(string name, string value, CancellationToken cancellationToken)
    {
        Log.Add($"journal {name}={value}");
        Journal = Journal.With(name, value);
        return Task.CompletedTask;
    }

    public override Task BeginCreateAsync(CancellationToken cancellationToken)
    {
        Log.Add("begin");
        return Task.CompletedTask;
    }
}
