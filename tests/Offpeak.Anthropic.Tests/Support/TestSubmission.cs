using System.Runtime.CompilerServices;
using System.Text;
using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.Anthropic.Tests.Support;

/// <summary>A shard held in memory that notes what was journalled and when the create call began.</summary>
internal sealed class TestSubmission : Submission
{
    private IEnumerable<SubmissionEntry> entries = [];

    public List<string> Log { get; } = [];

    public Action? OnBeginCreate { get; init; }

    /// <summary>Called while the next entry is waited for.</summary>
    public Action? BeforeEntry { get; set; }

    public static TestSubmission Of(params string[] bodies) => With(Journal.Empty, null, bodies);

    public static TestSubmission With(Journal state, Action? onBeginCreate, params string[] bodies) =>
        With(new SubmissionKey("op-test"), bodies, state, onBeginCreate);

    public static TestSubmission With(
        SubmissionKey key, string[] bodies, Journal? state = null, Action? onBeginCreate = null, int extraBytes = 0)
    {
        var entries = bodies.Select((body, i) => new SubmissionEntry(key.WireId(i + 1), Encoding.UTF8.GetBytes(body))).ToList();
        return new TestSubmission
        {
            Key = key,
            Model = "claude-test",
            Endpoint = BatchEndpoint.Chat,
            EntryCount = entries.Count,
            BodyBytes = entries.Sum(entry => entry.Body.Length) + extraBytes,
            WireIdBytes = entries.Sum(entry => entry.WireId.Length),
            State = state ?? Journal.Empty,
            OnBeginCreate = onBeginCreate,
            entries = entries,
        };
    }

    /// <summary>The same body many times over, held once.</summary>
    public static TestSubmission Repeated(byte[] body, int count)
    {
        var key = new SubmissionKey("op-test");
        return new TestSubmission
        {
            Key = key,
            Model = "claude-test",
            Endpoint = BatchEndpoint.Chat,
            EntryCount = count,
            BodyBytes = (long)body.Length * count,
            WireIdBytes = Enumerable.Range(1, count).Sum(i => (long)key.WireId(i).Length),
            entries = Enumerable.Range(1, count).Select(i => new SubmissionEntry(key.WireId(i), body)),
        };
    }

    public override async IAsyncEnumerable<SubmissionEntry> ReadEntriesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var entry in entries)
        {
            await Task.Yield();
            BeforeEntry?.Invoke();
            cancellationToken.ThrowIfCancellationRequested();
            yield return entry;
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
        cancellationToken.ThrowIfCancellationRequested();
        Log.Add("begin");
        OnBeginCreate?.Invoke();
        return Task.CompletedTask;
    }
}
