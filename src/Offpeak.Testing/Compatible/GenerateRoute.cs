using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Offpeak.Testing.Compatible;

/// <summary>The synchronous endpoints, which give the same answers as a batch does.</summary>
/// <param name="answerer">Makes the answers.</param>
/// <param name="prefix">What stands before <c>/v1</c> in the path.</param>
internal sealed class GenerateRoute(OpenAIAnswerer answerer, string prefix = "")
{
    public async Task<Reply> AnswerAsync(HttpContext context)
    {
        var body = await RequestJson.ReadAsync(context.Request);
        if (body.ValueKind == JsonValueKind.Undefined)
            return OpenAIRefusals.Reply(400, "We could not parse the JSON body of your request.");
        if (body.ValueKind == JsonValueKind.Object && body.TryGetProperty("stream", out var stream)
            && stream.ValueKind == JsonValueKind.True)
            return OpenAIRefusals.Reply(400, "The emulator does not stream.", "stream", "unsupported_value");
        var answer = answerer.Prepare(context.Request.Path.ToString()[prefix.Length..], body, customId: null);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, AnswerJson.Indented))
            answer.Write(writer);
        return new BytesReply(buffer.WrittenMemory, answer.StatusCode);
    }
}
