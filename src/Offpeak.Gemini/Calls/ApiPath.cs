using Offpeak.Codec;

namespace Offpeak.Gemini.Calls;

/// <summary>Paths of the API, made from resource names such as <c>batches/abc</c> whose parts are escaped.</summary>
internal static class ApiPath
{
    private const string Version = "v1beta/";

    public const string Batches = Version + "batches";
    public const string Upload = "upload/v1beta/files";

    public static string Of(string collection, string name) => Version + Resource(collection, name);

    public static string Download(string fileName) => $"download/{Version}{Resource("files", fileName)}:download?alt=media";

    /// <summary>Embeddings have a create call of their own (Gemini API reference, models.asyncBatchEmbedContent).</summary>
    public static string Create(string model, BatchEndpoint endpoint) => Of("models", model)
        + (endpoint.Path?.EndsWith("/embeddings", StringComparison.Ordinal) == true ? ":asyncBatchEmbedContent" : ":batchGenerateContent");

    /// <summary>A name with its collection in front, whether or not it was given with one: tuned models keep theirs.</summary>
    private static string Resource(string collection, string name)
    {
        // A name out of an answer must not climb out of its collection.
        var parts = name.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part is not ("." or "..")).ToArray();
        return string.Join('/', (parts.Length > 1 ? parts : [collection, name]).Select(Uri.EscapeDataString));
    }
}
