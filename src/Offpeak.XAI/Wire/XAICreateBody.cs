using System.Net.Http.Headers;
using System.Text.Json;

namespace Offpeak.XAI.Wire;

/// <summary>The body of the create call (xAI API reference, Batches, Create).</summary>
internal static class XAICreateBody
{
    public static HttpContent Make(string name, string? inputFileId)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            if (inputFileId is not null)
                json.WriteString("input_file_id", inputFileId);
            json.WriteEndObject();
        }

        return new ByteArrayContent(bytes.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
    }
}
