using System.Text.Json;
using System.Text.Json.Nodes;

namespace Offpeak.Testing;

/// <summary>How one provider writes the result lines that no model answer stands behind.</summary>
internal interface IResultLines
{
    /// <summary>Whether each request that a cancel left undone has a line.</summary>
    bool TellsCancelled => false;

    /// <summary>A line without a response, with an error code such as <c>batch_expired</c>.</summary>
    void WriteError(Utf8JsonWriter writer, string customId, string code, string? message = null);

    /// <summary>A line with the provider's error envelope as response.</summary>
    void WriteRefusal(Utf8JsonWriter writer, string customId, int statusCode);

    /// <summary>Gives a line another id.</summary>
    void Rename(JsonNode line, string customId) => line["custom_id"] = customId;
}
