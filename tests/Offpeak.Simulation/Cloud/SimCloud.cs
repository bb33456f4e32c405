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
    private static readonly TimeSpan LongestLongLag = TimeSpan.FromMinutes(50);

    /// <summary>What an answer holds that the store cannot take.</summary>
    public const string Poison = "poison";

    /// <summary>Answers that do not match the schema that entries ask for.</summary>
    public static readonly string[] InvalidAnswers = ["""{"n":"one"}""", "no JSON at all", """{"n":1}{"n":2}""", "[]", ""];

    private const string GoodAnswer = """{"n":1}""";

    // Whether these are integers is a matter of taste: no answer may stop a batch.
    private static readonly string[] OddAnswers =
        ["""{"n":123456789012345678901234567890123456789012345678901234567890}""", """{"n":1e400}""", """{"n":-0.0}""", """{"n":1,"n":"\ud800"}"""];

    private readonly List<CloudBatch> batches = [];
    private readonly List<string> sent = [];

    public IReadOnlyList<CloudBatch> Batches => batches;

    /// <summary>The trouble that each provider is in.</summary>
    public Dictionary<string, (DateTimeOffset Until, ProviderErrorClass Class)> Trouble { get; } = [];

    /// <summary>When each submission key was last looked for.</summary>
    public Dictionary<string, DateTimeOffset> LookedFor { get; } = [];

    public CloudBatch? Find(string? id) => batches.Find(batch => batch.Id == id);

    public CloudBatch? FindByKey(string account, string key) =>
        batches.Find(batch => batch.Key == key && batch.Account == account && batch.Refusal?.Class != ProviderErrorClass.Capacity);

    /// <summary>Accepts a create call; one without entries makes a batch to be filled.</summary>
    public CloudBatch Create(string provider, string account, string key, IReadOnlyList<SubmissionEntry> entries)
    {
        var isFull = entries.Count > 0;
        var now = world.Now;
        var id = $"cloud-{batches.Count + 1}";
        var batch = new CloudBatch
        {
            Id = id,
            Key = key,
            Provider = provider,
            Account = account,
            CreatedAt = now,
            ListedAt = now + ListLag(),
            ExpiresAt = isFull ? now + Window : DateTimeOffset.MaxValue,
            IsFull = isFull,
            KeepsPartialResults = world.Plan.KeepsPartialResults,
            Refusal = HasRoom(provider, entries.Count) ? Refusal() : NoRoom,
            Stuck = world.Happens(Fault.Stuck),
            Sent = [.. entries.Select(entry => entry.WireId)],
            Lines = WriteLines(id, provider, key, entries),
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
        batch.Lines.AddRange(WriteLines(batch.Id, batch.Provider, batch.Key, fresh));
        if (batch.IsFull || batch.Sent.Count < whole)
            return;
        batch.IsFull = true;
        batch.ExpiresAt = world.Now + Window;
        world.Log($"  cloud has all {whole} entries of {batch.Id}");
    }

    /// <summary>Whether the account's queue could ever take so many entries.</summary>
    public bool HasRoom(string provider, int entries)
    {
        if (provider != SimProvider.Usual || !(entries > world.Plan.QueueRoom))
            return true;

        world.Meet(Fault.QueueTooSmall);
        return false;
    }

    private static ProviderFailure NoRoom { get; } = new(ProviderErrorClass.Capacity, "token_limit_exceeded", "No room in the queue.");

    private TimeSpan ListLag() => world.Random.NextDouble()
        * (world.Happens(Fault.ListLagsLong) ? LongestLongLag : world.Happens(Fault.ListLags) ? LongestListLag : TimeSpan.Zero);

    private ProviderFailure? Refusal()
    {
        if (world.Happens(Fault.NoRoomAfterAccept))
            return NoRoom;

        return world.Happens(Fault.RefusedAfterAccept)
            ? new ProviderFailure(ProviderErrorClass.Refused, "invalid_json_line", "A line is invalid.")
            : null;
    }

    private List<CloudLine> WriteLines(string id, string provider, string key, IReadOnlyList<SubmissionEntry> entries)
    {
        var slow = world.Happens(Fault.SlowEntries);
        var own = entries.Where(_ => !world.Happens(Fault.MissingLine)).Select(entry => OwnLine(id, provider, entry, slow)).ToArray();
        world.Random.Shuffle(own);
        var lines = own.ToList();
        foreach (var line in own)
        {
            if (world.Happens(Fault.DuplicateLine))
                InsertAfter(lines, line, line with { IsOwn = false });
            if (world.Happens(Fault.ConflictingLine))
                InsertAfter(lines, line, line with { IsOwn = false, Result = Answer(line.SentAs, provider, $"{id} changed its mind", GoodAnswer) });
        }

        if (world.Happens(Fault.UnknownLine))
            lines.Insert(world.Random.Next(lines.Count + 1), Stray("nobody", provider));
        // A stray line that can be read before the entry's own would make two readings differ in which comes first.
        if (sent.Count > 0 && !world.Plan.ShowsPartialResults && world.Happens(Fault.ForeignLine))
            lines.Insert(world.Random.Next(lines.Count + 1), Stray(Foreign(key), provider));
        return lines;
    }

    // Another batch's wire id as it is, or its entry's number under this batch's key.
    private string Foreign(string key)
    {
        var other = sent[world.Random.Next(sent.Count)];
        return world.Random.Next(2) == 0 ? other : key + other[other.LastIndexOf('-')..];
    }

    private CloudLine Stray(string wireId, string provider) => new(Answer(wireId, provider, "astray", GoodAnswer), IsOwn: false, world.Now, LeftOutWhenUnfinished: true) { SentAs = wireId };

    private void InsertAfter(List<CloudLine> lines, CloudLine first, CloudLine next) =>
        lines.Insert(world.Random.Next(lines.IndexOf(first) + 1, lines.Count + 1), next);

    private CloudLine OwnLine(string id, string provider, SubmissionEntry entry, bool slow)
    {
        var minutes = slow && world.Random.Next(2) == 0 ? 100 : 1 + (25 * world.Random.NextDouble());
        var asked = new SimCodec(world, provider).Read(entry.Body.Span);
        var (result, isSound) = Result(entry.WireId, provider, asked, $"{id} {asked.Text}");
        return new CloudLine(result, IsOwn: true, world.Now.AddMinutes(minutes), world.Random.Next(2) == 0) { SentAs = entry.WireId, IsSound = isSound };
    }

    private (ProviderResult Result, bool IsSound) Result(string wireId, string provider, SimBody asked, string from)
    {
        if (world.Happens(Fault.MalformedLine))
            return (new ProviderResult { Kind = ProviderResultKind.Malformed }, false);

        var passing = world.Happens(Fault.PassingFailure);
        if (passing || world.Happens(Fault.LastingFailure))
            return (Failed(wireId, passing, from), false);

        if (world.Happens(Fault.PoisonedAnswer))
            return (Answer(wireId, provider, $"{from} {Poison}", GoodAnswer), false);

        if (world.Plan.MaxTurns > 0 && world.Random.Next(2) == 0)
            return (Answer(wireId, provider, from, "I need a tool") with { FinishReason = "tool_calls" }, false);

        return asked.Schema is null ? (Answer(wireId, provider, from, "an answer"), true) : Structured(wireId, provider, from);
    }

    private (ProviderResult Result, bool IsSound) Structured(string wireId, string provider, string from)
    {
        if (world.Happens(Fault.UnreadableAnswer))
            return (Answer(wireId, provider, from, text: null), false);

        if (world.Happens(Fault.OddAnswer))
            return (Answer(wireId, provider, from, OddAnswers[world.Random.Next(OddAnswers.Length)]), false);

        if (world.Happens(Fault.CutAnswer))
            return (Answer(wireId, provider, from, """{"n":""") with { FinishReason = "length" }, false);

        return world.Happens(Fault.InvalidAnswer)
            ? (Answer(wireId, provider, from, InvalidAnswers[world.Random.Next(InvalidAnswers.Length)]), false)
            : (Answer(wireId, provider, from, GoodAnswer), true);
    }

    private static ProviderResult Failed(string wireId, bool passing, string from) => new()
    {
        Kind = ProviderResultKind.Failed,
        WireId = wireId,
        IsPassing = passing,
        StatusCode = passing ? 503 : 400,
        ErrorCode = passing ? "overloaded" : "invalid_request",
        Body = Encoding.UTF8.GetBytes($"error {from}"),
    };

    private static ProviderResult Answer(string wireId, string provider, string from, string? text) => new()
    {
        Kind = ProviderResultKind.Succeeded,
        WireId = wireId,
        StatusCode = 200,
        FinishReason = "stop",
        Body = SimCodec.Write(new SimBody { Form = provider, Text = text, From = from }),
        ReportedCost = 0.01m,
    };
}
