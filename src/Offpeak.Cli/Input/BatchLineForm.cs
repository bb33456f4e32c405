using System.Runtime.InteropServices;
using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.Cli.Input;

/// <summary>Lines of OpenAI's batch format.</summary>
internal sealed class BatchLineForm : InputForm
{
    private static readonly string[] Known = ["chat/completions", "responses", "embeddings", "moderations", "images/generations", "images/edits"];

    public override InputKind Kind => InputKind.BatchLines;

    public static bool Recognises(Row row) => row is JsonRow && (row.Has("body") || row.Has("url"));

    public override EntryOrProblem Parse(int line, Row row)
    {
        if (NativeLine.Describe(row) is { } native)
            return native;

        var element = row.Element("body");
        var problem = IdProblem(row) ?? Method(row.Element("method")) ?? TextProblem(row, "url") ?? BodyProblem(element);
        if (problem is not null)
            return problem;

        var body = new JsonRow(element);
        if (TextProblem(body, "model") is string noModel)
            return "the body " + noModel;

        var compact = OneLine.Compact(JsonMarshal.GetRawUtf8Value(element));
        return new RawBodyEntry(row.Find("custom_id").Text, line, PathOf(row.Find("url").Text), body.Find("model").Text, compact);
    }

    // Some write the whole address, and Azure none of the version; what is none of these stays as it is, and is refused by name where it must be.
    private static string PathOf(string url)
    {
        var path = Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "https" or "http" ? address.AbsolutePath : url;
        return Array.Find(Known, known => path == known || path.EndsWith($"/{known}", StringComparison.Ordinal)) is { } name ? $"/v1/{name}" : url;
    }

    private static string? IdProblem(Row row) => row.Find("custom_id").Kind == JsonValueKind.Number ? null : TextProblem(row, "custom_id");

    private static string? TextProblem(Row row, string column)
    {
        var cell = row.Find(column);
        return cell.Kind switch
        {
            JsonValueKind.Undefined => $"has no \"{column}\".",
            JsonValueKind.String => string.IsNullOrWhiteSpace(cell.Text) ? $"has an empty \"{column}\"." : null,
            _ => $"has a \"{column}\" that is not a string.",
        };
    }

    private static string? Method(JsonElement method) =>
        method.ValueKind == JsonValueKind.String && method.ValueEquals("POST") ? null : "has no \"method\": \"POST\".";

    private static string? BodyProblem(JsonElement body) => body.ValueKind switch
    {
        JsonValueKind.Object => null,
        JsonValueKind.Undefined => "has no \"body\".",
        _ => "has a \"body\" that is not a JSON object.",
    };
}
