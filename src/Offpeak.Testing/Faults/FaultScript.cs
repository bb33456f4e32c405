using System.Text.Json;
using System.Text.Json.Serialization;

namespace Offpeak.Testing;

/// <summary>The faults to come. Each keeps its own count; several may strike the same call. Safe to use from several threads.</summary>
/// <remarks>
/// As a JSON file:
/// <code>
/// [
///   { "action": "dropAfterCommit", "on": "createBatch" },
///   { "action": "respond", "on": "getBatch", "nth": 2, "times": 3, "statusCode": 429, "retryAfter": "00:00:02" },
///   { "action": "endBatch", "status": "expired", "fraction": 0.5 }
/// ]
/// </code>
/// </remarks>
public sealed class FaultScript
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    private readonly Lock gate = new();
    private readonly List<ArmedFault> armed = [];

    internal FaultScript(IEnumerable<Fault> faults) => Add([.. faults]);

    /// <summary>Reads a script: a JSON array of faults, property and enum names in camel case, durations as <c>00:00:02</c>.</summary>
    /// <exception cref="JsonException">The text is not JSON, or names an unknown action, operation or property.</exception>
    public static IReadOnlyList<Fault> Parse(string json) =>
        JsonSerializer.Deserialize<List<Fault>>(json, Json) ?? throw new JsonException("A fault script is a JSON array of faults.");

    /// <summary>Writes a script that <see cref="Parse"/> reads back.</summary>
    public static string Format(IEnumerable<Fault> faults) => JsonSerializer.Serialize(faults, Json);

    /// <summary>Arms faults; their counts begin now.</summary>
    /// <exception cref="ArgumentException">A batch cannot end in the status that a fault names.</exception>
    public void Add(params Fault[] faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        if (Array.Find(faults, fault => fault is { Action: FaultAction.EndBatch, Status: not ("expired" or "cancelled" or "failed") }) is { } wrong)
            throw new ArgumentException($"A batch cannot end as '{wrong.Status}'.", nameof(faults));
        lock (gate)
            armed.AddRange(faults.Select(fault => new ArmedFault(fault)));
    }

    /// <summary>Takes all faults away. A batch already made keeps its own.</summary>
    public void Clear()
    {
        lock (gate)
            armed.Clear();
    }

    /// <summary>How often faults of this action have struck, so that a test can tell that it tested something.</summary>
    public int Struck(FaultAction action)
    {
        lock (gate)
            return armed.Where(fault => fault.Fault.Action == action).Sum(fault => fault.Struck);
    }

    internal async ValueTask<IReadOnlyList<Fault>> TakeForCallAsync(
        EmulatorOperation operation, Func<ValueTask<FaultSubject?>> subjectOfCall)
    {
        var subject = NeedsSubject(operation) ? await subjectOfCall() : null;
        return Take(fault => fault.Matches(operation, subject));
    }

    internal IReadOnlyList<Fault> TakeForBatch() => Take(fault => !fault.Fault.IsForCalls);

    private bool NeedsSubject(EmulatorOperation operation)
    {
        lock (gate)
            return armed.Exists(fault => fault.Fault.On == operation && fault.NeedsSubject);
    }

    private IReadOnlyList<Fault> Take(Func<ArmedFault, bool> matches)
    {
        lock (gate)
            return [.. armed.Where(fault => matches(fault) && fault.Meet()).Select(fault => fault.Fault)];
    }
}
