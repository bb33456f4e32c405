using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Offpeak.Testing.Gemini;

/// <summary>The synchronous calls, which give the same answers as a batch does.</summary>
internal sealed class GenerateRoutes(GeminiAnswerer answerer)
{
    public async Task<Reply> AnswerAsync(HttpContext context, bool isEmbedding)
    {
        var body = await RequestJson.ReadAsync(context.Request);
        if (body.ValueKind == JsonValueKind.Undefined)
            return GeminiRefusals.Unreadable();
        var answer = answerer.Prepare((string)context.Request.RouteValues["model"]!, isEmbedding, body, customId: null);
        if (answer.StatusCode is < 200 or >= 300)
            return GeminiRefusals.Reply(answer.StatusCode, answer.Message);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
            answer.Write(writer);
        return new BytesReply(buffer.WrittenMemory, answer.StatusCode);
    }
}
