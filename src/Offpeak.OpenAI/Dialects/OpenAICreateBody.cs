using System.Net.Http.Headers;
using System.Text.Json;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Dialects;

/// <summary>The body of the create call (OpenAI API reference, Batch, Create; Mistral API reference, Batch, Create job).</summary>
internal static class OpenAICreateBody
{
    public static HttpContent Make(Dialect dialect, Submission submission, string inputFileId)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            if (dialect.Profile.Create == CreateForm.Job)
                WriteJob(json, dialect, submission, inputFileId);
            else
                WriteBatch(json, dialect, submission, inputFileId);
            if (dialect.Profile.Create != CreateForm.FileWithoutMetadata)
                WriteKey(json, submission.Key);
            json.WriteEndObject();
        }

        return new ByteArrayContent(bytes.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
    }

    private static void WriteBatch(Utf8JsonWriter json, Dialect dialect, Submission submission, string inputFileId)
    {
        json.WriteString("input_file_id", inputFileId);
        json.WriteString("endpoint", dialect.EndpointOf(submission.Endpoint).Path);
        json.WriteString("completion_window", dialect.Options.CompletionWindow);
    }

    private static void WriteJob(Utf8JsonWriter json, Dialect dialect, Submission submission, string inputFileId)
    {
        json.WriteStartArray("input_files");
        json.WriteStringValue(inputFileId);
        json.WriteEndArray();
        json.WriteString("endpoint", submission.Endpoint.Path);
        json.WriteString("model", submission.Model);
        json.WriteNumber("timeout_hours", dialect.WindowHours);
    }

    private static void WriteKey(Utf8JsonWriter json, SubmissionKey key)
    {
        json.WriteStartObject("metadata");
        json.WriteString(SubmissionKey.MetadataName, key.Value);
        json.WriteEndObject();
    }
}
