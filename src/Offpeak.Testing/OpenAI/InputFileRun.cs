using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Offpeak.Testing.Compatible;

namespace Offpeak.Testing.OpenAI;

/// <summary>Validates and answers an input file in one pass, line by line, into two spool files.</summary>
internal sealed class InputFileRun(EmulatorState state, OpenAIAnswerer answerer, BatchOrder order)
{
    private const int MostProblems = 100;

    private readonly List<LineProblem> problems = [];
    private readonly List<SpooledEntry> entries = [];
    private readonly HashSet<string> customIds = new(StringComparer.Ordinal);
    private readonly List<Fault> faults =
        [.. order.Faults.Where(fault => fault.Action is FaultAction.AnswerLine or FaultAction.FailLine)];
    private readonly OpenAIResultLines lines = new(tellsCancelled: false);
    private readonly ArrayBufferWriter<byte> buffer = new();
    private string? model;

    public BatchRun Execute()
    {
        var outputPath = state.Files.NewPath();
        var errorPath = state.Files.NewPath();
        if (RefuseFile() is { } problem)
            problems.Add(problem);
        else
            ReadFile(outputPath, errorPath);
        var run = new BatchRun(model is null ? null : ModelNames.Resolve(model), problems, entries, outputPath, errorPath);
        if (problems.Count > 0)
            run.DeleteSpools();
        return run;
    }

    private LineProblem NoFile => Invalid($"No such File object: {order.InputFileId}");

    private static LineProblem Invalid(string message) => new("invalid_request", message, null, "input_file_id");

    private LineProblem? RefuseFile()
    {
        if (order.Input is not { } input)
            return NoFile;
        if (input.Purpose != order.FilePurpose)
            return Invalid($"The purpose of the input file must be '{order.FilePurpose}', not '{input.Purpose}'.");
        return input.Bytes > state.Options.MaxInputFileBytes
            ? Invalid($"The batch input file is larger than the {state.Options.MaxInputFileBytes} maximum.")
            : null;
    }

    private void ReadFile(string outputPath, string errorPath)
    {
        try
        {
            ReadLines(state.Files.PathOf(order.Input!), outputPath, errorPath);
        }
        catch (FileNotFoundException)
        {
            // Deleted between the create call and this run.
            problems.Add(NoFile);
        }
    }

    private void ReadLines(string path, string outputPath, string errorPath)
    {
        using var output = new SpoolWriter(outputPath);
        using var errors = new SpoolWriter(errorPath);
        using var writer = new Utf8JsonWriter(buffer, AnswerJson.Compact);
        var number = 0;
        foreach (var line in JsonLines.Read(path))
        {
            number++;
            if (!line.Span.Trim(" \r\t"u8).IsEmpty)
                ReadLine(line, number, writer, output, errors);
            if (problems.Count >= MostProblems)
                return;
        }

        if (customIds.Count == 0 && problems.Count == 0)
            problems.Add(new LineProblem("empty_file", "The input file holds no request."));
    }

    private void ReadLine(ReadOnlyMemory<byte> bytes, int number, Utf8JsonWriter writer, SpoolWriter output, SpoolWriter errors)
    {
        try
        {
            if (!Utf8.IsValid(bytes.Span))
                throw new JsonException("The line is not UTF-8.");
            using var json = JsonDocument.Parse(bytes);
            if (Accept(json.RootElement, number) is { } line && problems.Count == 0)
                Answer(line, writer, output, errors);
        }
        catch (JsonException)
        {
            problems.Add(InputLine.InvalidJson(number));
        }
    }

    private InputLine? Accept(JsonElement json, int number)
    {
        var line = InputLine.Read(json, number, out var problem, order.HasBareLines ? order : null);
        if (line is { } read)
            problem = Refuse(read, number);
        if (problem is null)
            return line;
        problems.Add(problem);
        return null;
    }

    private LineProblem? Refuse(InputLine line, int number)
    {
        if (!customIds.Add(line.CustomId))
            return new("duplicate_custom_id", $"The custom_id '{line.CustomId}' is used by another request.", number, "custom_id");
        if (customIds.Count > state.Options.MaxBatchRequests)
            return new("too_many_tasks", $"The batch holds more than {state.Options.MaxBatchRequests} requests.", number);
        if (line.Url != order.Endpoint)
            return new("url_mismatch", $"The url '{line.Url}' is not the batch endpoint '{order.Endpoint}'.", number, "url");
        if (line.Model is null)
            return new("missing_required_parameter", "Missing required parameter: 'body.model'.", number, "body.model");
        if (line.Body.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.True)
            return new("invalid_request", "Streaming is not supported in the Batch API.", number, "body.stream");
        model ??= line.Model;
        return model == line.Model
            ? null
            : new("model_mismatch", $"The model '{line.Model}' is not the first request's '{model}'.", number, "body.model");
    }

    private void Answer(InputLine line, Utf8JsonWriter writer, SpoolWriter output, SpoolWriter errors)
    {
        buffer.ResetWrittenCount();
        writer.Reset();
        var usage = WriteLine(line, writer, out var succeeded);
        writer.Flush();
        var spool = succeeded ? output : errors;
        entries.Add(new SpooledEntry(line.CustomId, succeeded, spool.Position, buffer.WrittenCount + 1, usage));
        spool.Append(buffer.WrittenSpan);
    }

    private TokenCounts WriteLine(InputLine line, Utf8JsonWriter writer, out bool succeeded)
    {
        var ordinal = entries.Count;
        var fault = faults.Find(fault => fault.Strikes(ordinal, line.CustomId));
        if (fault?.Action == FaultAction.FailLine)
        {
            succeeded = false;
            lines.WriteError(writer, line.CustomId, fault.Code ?? "server_error", fault.Message);
            return default;
        }

        var answer = fault is null
            ? answerer.Prepare(OpenAIEndpoints.Versioned(line.Url), line.Body, line.CustomId)
            : new RawAnswer(fault.StatusCode, BodyOf(fault));
        succeeded = answer.StatusCode is >= 200 and < 300;
        OpenAIResultLines.WriteAnswer(writer, line.CustomId, answer);
        return succeeded ? answer.Usage : default;
    }

    private static string BodyOf(Fault fault) =>
        fault.Body?.ToJsonString()
        ?? OpenAIRefusals.Envelope(fault.StatusCode, fault.Message ?? "A scripted fault.", null, fault.Code).ToJsonString();
}
