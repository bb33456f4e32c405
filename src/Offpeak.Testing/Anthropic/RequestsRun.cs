using System.Buffers;
using System.Text.Json;

namespace Offpeak.Testing.Anthropic;

/// <summary>Answers the requests of a batch one by one into a spool file.</summary>
internal sealed class RequestsRun(EmulatorState state, AnthropicAnswerer answerer, BatchOrder order, string path)
{
    private readonly List<SpooledEntry> entries = [];
    private readonly List<Fault> faults =
        [.. order.Faults.Where(fault => fault.Action is FaultAction.AnswerLine or FaultAction.FailLine)];
    private readonly MessageResultLines lines = new();
    private readonly ArrayBufferWriter<byte> buffer = new();

    public BatchRun Execute()
    {
        var outputPath = state.Files.NewPath();
        using (var output = new SpoolWriter(outputPath))
        using (var writer = new Utf8JsonWriter(buffer, AnswerJson.Compact))
        {
            foreach (var line in JsonLines.Read(path))
                Answer(line, writer, output);
        }

        File.Delete(path);
        return new BatchRun(null, [], entries, outputPath, ErrorPath: null);
    }

    private void Answer(ReadOnlyMemory<byte> line, Utf8JsonWriter writer, SpoolWriter output)
    {
        using var json = JsonDocument.Parse(line);
        var customId = json.RootElement.GetProperty("custom_id").GetString()!;
        buffer.ResetWrittenCount();
        writer.Reset();
        var answer = WriteLine(customId, json.RootElement.GetProperty("params"), writer);
        writer.Flush();
        entries.Add(new SpooledEntry(
            customId, answer is { IsError: false }, output.Position, buffer.WrittenCount + 1, answer?.Usage ?? default));
        output.Append(buffer.WrittenSpan);
    }

    private MessageAnswer? WriteLine(string customId, JsonElement body, Utf8JsonWriter writer)
    {
        var ordinal = entries.Count;
        var fault = faults.Find(fault => fault.Strikes(ordinal, customId));
        if (fault?.Action == FaultAction.FailLine)
        {
            lines.WriteError(writer, customId, fault.Code ?? "api_error", fault.Message);
            return null;
        }

        var answer = fault is null
            ? answerer.Prepare(body, customId)
            : MessageAnswer.Error(fault.StatusCode, fault.Message ?? "A scripted fault.", fault.Code);
        MessageResultLines.WriteAnswer(writer, customId, answer);
        return answer;
    }
}
