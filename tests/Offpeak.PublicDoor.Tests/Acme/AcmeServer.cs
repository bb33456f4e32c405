using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Offpeak.PublicDoor.Tests.Acme;

/// <summary>The provider's other side, in memory. It answers a prompt with itself in capitals.</summary>
public sealed class AcmeServer : HttpMessageHandler
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, string> files = [];
    private readonly List<AcmeBatch> batches = [];
    private readonly HashSet<string> busy = [];
    private int uploads;

    /// <summary>Every batch that was ever made.</summary>
    public IReadOnlyList<AcmeBatch> Batches => batches;

    /// <summary>Files that are there.</summary>
    public int Files => files.Count;

    /// <summary>Files that were ever uploaded.</summary>
    public int Uploads => uploads;

    /// <summary>Whether batches stay in the queue.</summary>
    public bool Holds { get; set; }

    /// <summary>Whether the list of batches cannot be searched.</summary>
    public bool IsBlind { get; set; }

    /// <summary>Runs when a batch was made and before that is said; throws what the connection throws.</summary>
    public Action? AfterCreate { get; set; }

    /// <summary>Answers a create call in the server's place, or not.</summary>
    public Func<HttpResponseMessage?> InsteadOfCreate { get; set; } = () => null;

    /// <summary>The next answer to a prompt is an error that passes.</summary>
    public void IsBusyOnceFor(string prompt) => busy.Add(prompt);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var path = request.RequestUri!.AbsolutePath["/v1/".Length..].Split('/');
        lock (gate)
        {
            return request.Headers.Authorization?.Parameter != "secret" ? Reply(HttpStatusCode.Unauthorized, new JsonObject()) : (request.Method.Method, path) switch
            {
                ("POST", ["files"]) => Upload(body),
                ("POST", ["batches"]) => Create(JsonNode.Parse(body)!),
                ("GET", ["batches"]) => Search(request.RequestUri.Query["?key=".Length..]),
                ("GET", ["batches", var id]) => Reply(HttpStatusCode.OK, Describe(Find(id))),
                ("GET", ["batches", var id, "results"]) => Results(Find(id)),
                ("POST", ["batches", var id, "stop"]) => Stop(Find(id)),
                ("DELETE", ["files", var id]) => Reply(files.Remove(id) ? HttpStatusCode.OK : HttpStatusCode.NotFound, new JsonObject()),
                _ => Reply(HttpStatusCode.NotFound, new JsonObject()),
            };
        }
    }

    private HttpResponseMessage Upload(string lines)
    {
        var id = $"file-{++uploads}";
        files[id] = lines;
        return Reply(HttpStatusCode.OK, new JsonObject { ["id"] = id });
    }

    private HttpResponseMessage Create(JsonNode order)
    {
        if (InsteadOfCreate() is { } other)
            return other;

        var batch = new AcmeBatch($"b-{batches.Count + 1}", (string)order["key"]!, (string)order["file"]!);
        batches.Add(batch);
        AfterCreate?.Invoke();
        return Reply(HttpStatusCode.OK, Describe(batch));
    }

    private HttpResponseMessage Search(string key) => IsBlind
        ? Reply(HttpStatusCode.OK, new JsonObject())
        : Reply(HttpStatusCode.OK, new JsonObject
        {
            ["ids"] = new JsonArray([.. batches.Where(batch => batch.Key == key).Select(batch => JsonValue.Create(batch.Id))]),
        });

    private HttpResponseMessage Stop(AcmeBatch batch)
    {
        batch.IsStopped = true;
        return Reply(HttpStatusCode.OK, Describe(batch));
    }

    // A batch that was stopped has come as far as its first entry.
    private HttpResponseMessage Results(AcmeBatch batch)
    {
        var lines = files[batch.File].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Answer(JsonNode.Parse(line)!));
        var text = string.Concat((batch.IsStopped ? lines.Take(1) : lines).Select(line => line.ToJsonString() + "\n"));
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(text, Encoding.UTF8, "application/jsonl") };
    }

    private JsonObject Answer(JsonNode line)
    {
        var result = new JsonObject { ["id"] = (string)line["id"]!, ["in"] = 10, ["out"] = 5 };
        var request = line["request"]!;
        if ((string?)request["embed"] is { } text)
            result["answer"] = new JsonObject { ["vector"] = new JsonArray(text.Length, 0.5) };
        else if ((string)request["messages"]![0]!["text"]! is var prompt && busy.Remove(prompt))
            result["error"] = new JsonObject { ["code"] = "busy", ["message"] = "Try again later." };
        else
            result["answer"] = new JsonObject { ["text"] = prompt.ToUpperInvariant() };

        return result;
    }

    private AcmeBatch Find(string id) => batches.Single(batch => batch.Id == id);

    private JsonObject Describe(AcmeBatch batch) => new()
    {
        ["id"] = batch.Id,
        ["status"] = batch.IsStopped ? "stopped" : Holds ? "queued" : "done",
    };

    private static HttpResponseMessage Reply(HttpStatusCode status, JsonObject json) =>
        new(status) { Content = new StringContent(json.ToJsonString(), Encoding.UTF8, "application/json") };
}
