using System.Net.Http.Headers;
using System.Text.Json;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Wire;

/// <summary>The body of the create call (OpenAI API reference, Batch, Create).</summary>
internal static class CreateBody
{
    public static HttpContent Make(Submission submission, string inputFileId, string completionWindow)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("input_file_id", inputFileId);
            json.WriteString("endpoint", submission.Endpoint.Path);
            json.WriteString("completion_window", completionWindow);
            json.WriteStartObject("metadata");
            json.WriteString(SubmissionKey.MetadataName, submission.Key.Value);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return new ByteArrayContent(bytes.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
    }
}
