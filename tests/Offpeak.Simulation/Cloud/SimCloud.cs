using System.Text;
using Offpeak.Providers;
using Offpeak.Simulation.World;

namespace Offpeak.Simulation.Cloud;

/// <summary>The provider's side: every batch it holds, and what will become of each.</summary>
internal sealed class SimCloud(World.Simulation world)
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(60);
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(90);

    private static readonly TimeSpan LongestListLag = TimeSpan.FromSeconds(110);

    private readonly List<CloudBatch> batches = [];
    private readonly List<string> sent = [];

    public IReadOnlyList<CloudBatch> Batches => batches;

    public (DateTimeOffset Until, ProviderErrorClass Class) Trouble { get; set; }

    public CloudBatch? Find(string? id) => batches.Find(batch => batch.Id == id);

    public CloudBatch? FindByKey(string key) => batches.Find(batch => batch.Key == key && batch.Refusal?.Class != ProviderErrorClass.Capacity);

    /// <summary>Accepts a create call; one without entries makes a batch to be filled.</summary>
    public CloudBatch Create(string key, IReadOnlyList<SubmissionEntry> entries)
    {
        var isFull = entries.Count > 0;
        var now = world.Now;
        var id = $"cloud-{batches.Count + 1}";
        var batch = new CloudBatch
        {
            Id = id,
            Key = key,
            CreatedAt = now,
            ListedAt = now + (world.Happens(Fault.ListLags) ? LongestListLag * world.Random.NextDouble() : TimeSpan.Zero),
            ExpiresAt = isFull ? now + Window : DateTimeOffset.MaxValue,
            IsFull = isFull,
            KeepsPartialResults = world.Plan.KeepsPartialResults,
            Refusal = Refusal(),
            Stuck = world.Happens(Fault.Stuck),
            Sent = [.. entries.Select(entry => entry.WireId)],
            Lines = WriteLines(id, key, entries),
            PollsUntilReady = world.Happens(Fault.ResultsNotReady) ? 1 + world.Random.Next(3) : 0,
        };
        batches.Add(batch);
        sent.AddRange(entries.Select(entry => entry.WireId));
        world.Log($"  cloud accepts {id} with {entries.Count} entries");
        return batch;
    }

    /// <summary>Adds entries to a batch that is filled call by call; what is in already is not added again.</summary>
    public void Append(CloudBatch batch, IEnumerable<SubmissionEntry> entries, int whole)
    {
        var fresh = entries.Where(entry => batch.Sent.Add(entry.WireId)).ToList();
        sent.AddRange(fresh.Select(entry => entry.WireId));
        batch.Lines.AddRange(WriteLines(batch.Id, batch.Key, fresh));
        if (batch.IsFull || batch.Sent.Count < whole)
            return;
        batch.IsFull = true;
        batch.ExpiresAt = world.Now + Window;
        world.Log($"  cloud has all {whole} entries of {batch.Id}");
    }

    private ProviderFailure? Refusal()
    {
        if (world.Happens(Fault.NoRoomAfterAccept))
            return new ProviderFailure(ProviderErrorClass.Capacity, "token_limit_exceeded", "No room in the queue.");
        return world.Happens(Fault.RefusedAfterAccept)
            ? new ProviderFailure(ProviderErrorClass.Refused, "invalid_json_line", "A line is invalid.")
            : null;
    }

    private List<CloudLine> WriteLines(string id, string key, IReadOnlyList<SubmissionEntry> entries)
    {
        var slow = world.Happens(Fault.SlowEntries);
        var own = entries.Where(_ => !world.Happens(Fault.MissingLine)).Select(entry => OwnLine(id, entry, slow)).ToArray();
        world.Random.Shuffle(own);
        var lines = own.ToList();
        foreach (var line in own)
        {
            if (world.Happens(Fault.DuplicateLine))
                InsertAfter(lines, line, line with { IsOwn = false });
            if (world.Happens(Fault.ConflictingLine))
                InsertAfter(lines, line, line with { IsOwn = false, Result = Answer(line.SentAs, $"{id} changed its mind") });
        }

        if (world.Happens(Fault.UnknownLine))
            lines.Insert(world.Random.Next(lines.Count + 1), Stray("nobody"));
        // A stray line that can be read before the entry's own would make two readings differ in which comes first.
        if (sent.Count > 0 && !world.Plan.ShowsPartialResults && world.Happens(Fault.ForeignLine))
            lines.Insert(world.Random.Next(lines.Count + 1), Stray(Foreign(key)));
        return lines;
    }

    // Another batch's wire id as it is, or its entry's number under this batch's key.
    private string Foreign(string key)
    {
        var other = sent[world.Random.Next(sent.Count)];
        return world.Random.Next(2) == 0 ? other : key + other[other.LastIndexOf('-')..];
    }

    private CloudLine Stray(string wireId) => new(Answer(wireId, "astray"), IsOwn: false, world.Now, LeftOutWhenUnfinished: true) { SentAs = wireId };

    private void InsertAfter(List<CloudLine> lines, CloudLine first, CloudLine next) =>
        lines.Insert(world.Random.Next(lines.IndexOf(first) + 1, lines.Count + 1), next);

    private CloudLine OwnLine(string id, SubmissionEntry entry, bool slow)
    {
        var minutes = slow && world.Random.Next(2) == 0 ? 100 : 1 + (25 * world.Random.NextDouble());
        var text = $"{id} {Encoding.UTF8.GetString(entry.Body.Span)}";
        return new CloudLine(Result(entry.WireId, text), IsOwn: true, world.Now.AddMinutes(minutes), world.Random.Next(2) == 0) { SentAs = entry.WireId };
    }

    private ProviderResult Result(string wireId, string text)
    {
        if (world.Happens(Fault.MalformedLine))
            return new ProviderResult { Kind = ProviderResultKind.Malformed };
        var passing = world.Happens(Fault.PassingFailure);
        if (!passing && !world.Happens(Fault.LastingFailure))
            return Answer(wireId, text) with { FinishReason = world.Plan.MaxTurns > 0 && world.Random.Next(2) == 0 ? "tool_calls" : "stop" };
        return new ProviderResult
        {
            Kind = ProviderResultKind.Failed,
            WireId = wireId,
            IsPassing = passing,
            StatusCode = passing ? 503 : 400,
            ErrorCode = passing ? "overloaded" : "invalid_request",
            Body = Encoding.UTF8.GetBytes($"error {text}"),
        };
    }

    private static ProviderResult Answer(string wireId, string text) => new()
    {
        Kind = ProviderResultKind.Succeeded,
        WireId = wireId,
        StatusCode = 200,
        Body = Encoding.UTF8.GetBytes(text),
        ReportedCost = 0.01m,
    };
}
