using System.Buffers;
using System.Text.Json;
using Offpeak.Testing.Compatible;

namespace Offpeak.Testing.XAI;

/// <summary>Answers the requests of a batch into a file of result items.</summary>
internal sealed class XAISpool(OpenAIAnswerer answerer, XAIBatch batch)
{
    private readonly List<Fault> faults = [.. batch.Faults.Where(fault => fault.Action is FaultAction.AnswerLine or FaultAction.FailLine)];
    private readonly ArrayBufferWriter<byte> buffer = new();
    private readonly Lock gate = new();
    private long length;
    private int count;

    /// <summary>Answers one request and returns where its item stands.</summary>
    public XAIEntry Add(XAIRequest request, DateTimeOffset now)
    {
        lock (gate)
        {
            buffer.ResetWrittenCount();
            using var writer = new Utf8JsonWriter(buffer, AnswerJson.Compact);
            var succeeded = Write(writer, request);
            writer.Flush();
            using (var file = new FileStream(batch.SpoolPath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, 1))
                file.Write(buffer.WrittenSpan);
            var entry = new XAIEntry(request.Id, request.Kind, request.Model, succeeded, length, buffer.WrittenCount, now);
            length += buffer.WrittenCount;
            count++;
            return entry;
        }
    }

    private bool Write(Utf8JsonWriter writer, XAIRequest request)
    {
        if (faults.Find(fault => fault.Strikes(count, request.Id)) is { } fault)
        {
            var code = fault.Action == FaultAction.AnswerLine ? XAIRefusals.GrpcOf(fault.StatusCode) : CodeOf(fault.Code);
            XAIItems.WriteError(writer, request.Id, code, fault.Message ?? "A scripted fault.");
            return false;
        }

        var answer = answerer.Prepare(request.Url, request.Body, request.Id, asChat: true);
        if (answer.StatusCode is < 200 or >= 300)
        {
            XAIItems.WriteError(writer, request.Id, XAIRefusals.GrpcOf(answer.StatusCode), MessageOf(answer));
            return false;
        }

        XAIItems.WriteAnswer(writer, request.Id, answer);
        return true;
    }

    private static int CodeOf(string? code) => code switch
    {
        "batch_cancelled" => 1,
        "batch_expired" => 4,
        _ => 13,
    };

    private static string MessageOf(OpenAIAnswer answer)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
            answer.Write(writer);
        using var json = JsonDocument.Parse(bytes.WrittenMemory);
        return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("error", out var error)
            && error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out var message)
            ? message.ToString()
            : "The request failed.";
    }
}
