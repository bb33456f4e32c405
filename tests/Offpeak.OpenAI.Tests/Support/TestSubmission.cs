using System.Runtime.CompilerServices;
using System.Text;
using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Tests.Support;

/// <summary>A shard held in memory that notes what was journalled and when the create call began.</summary>
internal sealed class TestSubmission : Submission
{
    private IReadOnlyList<SubmissionEntry> entries = [];

    public List<string> Log { get; } = [];

    public Action? OnBeginCreate { get; init; }

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
            Model = "gpt-test",
            Endpoint = BatchEndpoint.Chat,
            EntryCount = entries.Count,
            BodyBytes = entries.Sum(entry => entry.Body.Length) + extraBytes,
            WireIdBytes = entries.Sum(entry => entry.WireId.Length),
            State = state ?? Journal.Empty,
            OnBeginCreate = onBeginCreate,
            entries = entries,
        };
    }

    public override async IAsyncEnumerable<SubmissionEntry> ReadEntriesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var entry in entries)
        {
            await Task.Yield();
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
