using System.Text.Json.Nodes;

namespace Offpeak.Testing;

/// <summary>
/// One scripted fault: what goes wrong, when, and how often. Plain data, the same in code and in a JSON file. Made with the
/// factory methods and bent with <c>with</c>: <c>Fault.DropAfterCommit(EmulatorOperation.CreateBatch) with { Nth = 2 }</c>.
/// </summary>
public sealed record Fault
{
    /// <summary>What goes wrong.</summary>
    public required FaultAction Action { get; init; }

    /// <summary>The operation that a call action strikes; batch and line actions always belong to a create.</summary>
    public EmulatorOperation On { get; init; } = EmulatorOperation.CreateBatch;

    /// <summary>The first matching call (or made batch) that is struck, counted from 1 since the fault was added. Default 1.</summary>
    public int Nth { get; init; } = 1;

    /// <summary>How many matching calls (or made batches) in a row are struck; null strikes all. Default 1.</summary>
    public int? Times { get; init; } = 1;

    /// <summary>Call actions: matches only calls for a batch in this status, such as <c>completed</c>. Default null: any.</summary>
    public string? WhenStatus { get; init; }

    /// <summary>Call actions: matches only calls for the batch of this number, 1 for the first one made. Default null: any.</summary>
    public int? Batch { get; init; }

    /// <summary>Length of a delay or of a time in hiding.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Value of a <c>Retry-After</c> header, sent in whole seconds.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>HTTP status of a stand-in answer or of a result line.</summary>
    public int StatusCode { get; init; }

    /// <summary>
    /// Body of a stand-in answer or result line, or the patch. A JSON string is sent as plain text. Null takes the provider's
    /// own error envelope.
    /// </summary>
    public JsonNode? Body { get; init; }

    /// <summary>The provider's error code in a generated error envelope, line error or batch error.</summary>
    public string? Code { get; init; }

    /// <summary>The provider's error text that goes with <see cref="Code"/>.</summary>
    public string? Message { get; init; }

    /// <summary>Where a redirect points.</summary>
    public string? Location { get; init; }

    /// <summary>Bytes of the body that are sent before a cut.</summary>
    public long Bytes { get; init; }

    /// <summary>The status a batch ends in: <c>expired</c>, <c>cancelled</c> or <c>failed</c>.</summary>
    public string? Status { get; init; }

    /// <summary>Share of the requests done before the end, 0 to 1; null on <c>failed</c> means that nothing ran.</summary>
    public double? Fraction { get; init; }

    /// <summary>Line actions: strikes this request only.</summary>
    public string? CustomId { get; init; }

    /// <summary>Line actions: strikes each n-th request.</summary>
    public int? Every { get; init; }

    /// <summary>Line actions: strikes the first so many requests, when neither an id nor a step is given. Default 1.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Cuts the connection before the server has done anything.</summary>
    public static Fault DropBeforeCommit(EmulatorOperation on) => new() { Action = FaultAction.DropBeforeCommit, On = on };

    /// <summary>Does the work, then cuts the connection: the caller cannot know.</summary>
    public static Fault DropAfterCommit(EmulatorOperation on) => new() { Action = FaultAction.DropAfterCommit, On = on };

    /// <summary>Holds a call for a time, by the emulator's clock.</summary>
    public static Fault Delay(EmulatorOperation on, TimeSpan duration) =>
        new() { Action = FaultAction.Delay, On = on, Duration = duration };

    /// <summary>Answers with a status instead of doing the work.</summary>
    public static Fault Respond(EmulatorOperation on, int statusCode, TimeSpan? retryAfter = null, JsonNode? body = null) =>
        new() { Action = FaultAction.Respond, On = on, StatusCode = statusCode, RetryAfter = retryAfter, Body = body };

    /// <summary>Adds <c>Retry-After</c> to the ordinary answer, as Anthropic does on a 200.</summary>
    public static Fault AddRetryAfter(EmulatorOperation on, TimeSpan retryAfter) =>
        new() { Action = FaultAction.AddRetryAfter, On = on, RetryAfter = retryAfter };

    /// <summary>Cuts a body short after so many bytes; cleanly means that the short body looks whole.</summary>
    public static Fault Truncate(EmulatorOperation on, long bytes, bool cleanly = false) =>
        new() { Action = cleanly ? FaultAction.TruncateCleanly : FaultAction.Truncate, On = on, Bytes = bytes };

    /// <summary>Merges fields into the JSON answer: wrong types, nulls, unknown words.</summary>
    /// <param name="on">The operation to strike.</param>
    /// <param name="json">A JSON object; objects in it are merged, all else replaces.</param>
    /// <exception cref="System.Text.Json.JsonException">The text is not JSON.</exception>
    public static Fault Patch(EmulatorOperation on, string json) =>
        new() { Action = FaultAction.Patch, On = on, Body = JsonNode.Parse(json) };

    /// <summary>A status word that no client knows.</summary>
    public static Fault UnknownStatus(string status) =>
        Patch(EmulatorOperation.GetBatch, new JsonObject { ["status"] = status }.ToJsonString());

    /// <summary>Request counts that are null.</summary>
    public static Fault NullCounts() => Patch(EmulatorOperation.GetBatch, """{"request_counts":null}""");

    /// <summary>Says <c>completed</c> before the result files are named, for so many reads.</summary>
    public static Fault CompletedWithoutFiles(int reads = 1) =>
        Patch(EmulatorOperation.GetBatch, """{"output_file_id":null,"error_file_id":null}""") with
        {
            WhenStatus = "completed",
            Times = reads,
        };

    /// <summary>Redirects a call to another address.</summary>
    public static Fault Redirect(EmulatorOperation on, string location) =>
        new() { Action = FaultAction.Redirect, On = on, Location = location };

    /// <summary>The batch ends as expired or cancelled, or as failed with partial output, after a share of its requests.</summary>
    public static Fault EndBatch(string status, double fraction) =>
        new() { Action = FaultAction.EndBatch, Status = status, Fraction = fraction };

    /// <summary>The batch fails validation with this error; nothing runs.</summary>
    public static Fault FailBatch(string code, string message) =>
        new() { Action = FaultAction.EndBatch, Status = "failed", Code = code, Message = message };

    /// <summary>The enqueued-token limit, shown by a batch that fails (no status code) or by the create call (400 or 429).</summary>
    public static Fault TokenLimitExceeded(int? statusCode = null)
    {
        const string code = "token_limit_exceeded";
        const string message = "Enqueued token limit reached. Please try again once some in_progress batches have been completed.";
        return statusCode is { } status
            ? Respond(EmulatorOperation.CreateBatch, status) with { Code = code, Message = message }
            : FailBatch(code, message);
    }

    /// <summary>The batch appears in lists only after a time.</summary>
    public static Fault HideFromList(TimeSpan duration) => new() { Action = FaultAction.HideFromList, Duration = duration };

    /// <summary>The batch cannot be read for a time after its creation.</summary>
    public static Fault HideFromGet(TimeSpan duration) => new() { Action = FaultAction.HideFromGet, Duration = duration };

    /// <summary>The batch has an error file of no bytes (Azure OpenAI: Batch how-to).</summary>
    public static Fault EmptyErrorFile() => new() { Action = FaultAction.EmptyErrorFile };

    /// <summary>The first so many requests are answered with this status.</summary>
    public static Fault AnswerLine(int statusCode, int count = 1) =>
        new() { Action = FaultAction.AnswerLine, StatusCode = statusCode, Count = count };

    /// <summary>The first so many requests have no response but this error.</summary>
    public static Fault FailLine(string code, int count = 1) => new() { Action = FaultAction.FailLine, Code = code, Count = count };

    /// <summary>A line action that takes no arguments, on the first so many requests.</summary>
    public static Fault Lines(FaultAction action, int count = 1) => new() { Action = action, Count = count };

    internal bool IsForCalls => Action <= FaultAction.Redirect;

    internal bool ChangesResultFiles => Action is >= FaultAction.MalformLine and <= FaultAction.RenameLine;

    internal bool Strikes(int ordinal, string customId) =>
        CustomId is not null ? CustomId == customId
        : Every is { } step ? (ordinal + 1) % step == 0
        : ordinal < Count;
}
