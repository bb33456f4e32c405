using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Offpeak.Testing.Gemini;

/// <summary>Reads the requests of a batch and answers them in one pass, line by line, into one spool file.</summary>
internal sealed class InputRun(EmulatorState state, GeminiAnswerer answerer, GeminiOrder order, GeminiResultLines lines)
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<LineProblem> problems = [];
    private readonly List<SpooledEntry> entries = [];
    private readonly List<Fault> faults =
        [.. order.Faults.Where(fault => fault.Action is FaultAction.AnswerLine or FaultAction.FailLine)];
    private readonly ArrayBufferWriter<byte> buffer = new();

    public BatchRun Execute()
    {
        var path = state.Files.NewPath();
        try
        {
            Read(path);
        }
        catch (FileNotFoundException)
        {
            problems.Add(new LineProblem("NOT_FOUND", "The input file is gone."));
        }

        if (order.IsInline)
            File.Delete(order.InputPath);
        var run = new BatchRun(order.Model, problems, entries, path, ErrorPath: null);
        if (problems.Count > 0)
            run.DeleteSpools();
        return run;
    }

    private void Read(string path)
    {
        using var spool = new SpoolWriter(path);
        using var writer = new Utf8JsonWriter(buffer, Compact);
        var number = 0;
        foreach (var line in JsonLines.Read(order.InputPath))
        {
            number++;
            if (!line.Span.Trim(" \r\t"u8).IsEmpty)
                ReadLine(line, number, writer, spool);
            if (problems.Count > 0)
                return;
        }

        if (entries.Count == 0)
            problems.Add(new LineProblem("INVALID_ARGUMENT", "The input file holds no request."));
    }

    private void ReadLine(ReadOnlyMemory<byte> bytes, int number, Utf8JsonWriter writer, SpoolWriter spool)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes);
            var line = json.RootElement;
            var request = ProtobufJson.At(line, "request");
            if (request.ValueKind == JsonValueKind.Object)
                Answer(line, request, writer, spool);
            else
                problems.Add(new LineProblem("INVALID_ARGUMENT", "The line holds no request.", number));
        }
        catch (JsonException)
        {
            problems.Add(new LineProblem("INVALID_ARGUMENT", "The line is not valid JSON.", number));
        }
    }

    private void Answer(JsonElement line, JsonElement request, Utf8JsonWriter writer, SpoolWriter spool)
    {
        var key = ProtobufJson.Text(line, "key") ?? ProtobufJson.Text(line, "metadata", "key") ?? ProtobufJson.Text(line, "metadata", "custom_id") ?? "";
        buffer.ResetWrittenCount();
        writer.Reset();
        var answer = AnswerOf(request, key, writer);
        if (answer is not null)
            GeminiResultLines.Write(writer, keyFirst: entries.Count % 2 == 1, json => WriteEcho(json, line), answer);
        writer.Flush();
        var succeeded = answer?.StatusCode is >= 200 and < 300;
        entries.Add(new SpooledEntry(key, succeeded, spool.Position, buffer.WrittenCount + 1, succeeded ? answer!.Usage : default));
        spool.Append(buffer.WrittenSpan);
    }

    /// <summary>The answer; or null when a fault has written the line already.</summary>
    private GeminiAnswer? AnswerOf(JsonElement request, string key, Utf8JsonWriter writer)
    {
        var ordinal = entries.Count;
        var fault = faults.Find(fault => fault.Strikes(ordinal, key));
        if (fault is null or { Action: FaultAction.AnswerLine, StatusCode: >= 200 and < 300, Body: null })
            return answerer.Prepare(order.Model, order.IsEmbedding, request, key);
        if (fault is { Action: FaultAction.AnswerLine, StatusCode: >= 200 and < 300, Body: { } body })
            return GeminiAnswer.Raw(body.ToJsonString());
        if (fault.Action == FaultAction.AnswerLine)
            return GeminiAnswer.Refused(fault.StatusCode, fault.Message ?? "A scripted fault.");

        lines.WriteError(writer, key, fault.Code ?? "INTERNAL", fault.Message);
        return null;
    }

    /// <summary>What ties the answer to its request comes back as it was sent.</summary>
    private static void WriteEcho(Utf8JsonWriter writer, JsonElement line)
    {
        foreach (var name in (string[])["key", "metadata"])
        {
            if (line.TryGetProperty(name, out var value))
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }
        }
    }
}
