using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Offpeak.Testing.Anthropic;

/// <summary>The synchronous endpoint, which gives the same answers as a batch does (Anthropic API reference: Messages, Create).</summary>
internal sealed class MessageRoute(AnthropicAnswerer answerer)
{
    public async Task<Reply> AnswerAsync(HttpContext context)
    {
        var body = await RequestJson.ReadAsync(context.Request);
        if (body.ValueKind == JsonValueKind.Undefined)
            return AnthropicRefusals.Reply(400, "The request body is not valid JSON.");
        var answer = answerer.Prepare(body, customId: null);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, AnswerJson.Compact))
            answer.Write(writer, "standard");
        return new BytesReply(buffer.WrittenMemory, answer.StatusCode);
    }
}
