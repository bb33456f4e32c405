using System.Text.Json;
using Offpeak.Cli.Input;
using Offpeak.Kit.Json;

namespace Offpeak.Cli.Running;

/// <summary>
/// A file with a JSON Schema, or with one in the wrapping that OpenAI's APIs take it in: a wrapping says nothing that an answer could break, so taken
/// for the schema it would let everything pass, or nothing.
/// </summary>
internal static class SchemaFile
{
    private static readonly string[] Wrappings = ["format", "response_format", "text", "json_schema"];

    /// <exception cref="InputException">It is not there or no schema.</exception>
    public static JsonElement Read(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(TextFile.Read(file, "schema"));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Unwrap(document.RootElement).Clone()
                : throw new InputException($"{file} is not a JSON Schema: it must be a JSON object.");
        }
        catch (JsonException error)
        {
            throw new InputException($"The schema {file} is not valid JSON (line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}).", error);
        }
    }

    private static JsonElement Unwrap(JsonElement element) => Inside(element) is { ValueKind: JsonValueKind.Object } inside ? Unwrap(inside) : element;

    // "schema" is no word of JSON Schema, and json_schema no type of it. A schema may have any of these words as the name of a property, but not
    // at its top.
    private static JsonElement? Inside(JsonElement element) => element switch
    {
        _ when element.Text("type") == "json_schema" => element.Child("json_schema") ?? element.Child("schema"),
        _ when element.GetPropertyCount() == 1 && element.EnumerateObject().First() is var only && Wrappings.Contains(only.Name) => only.Value,
        _ when element.Text("name") is not null && element.Child("properties") is null && element.Child("type") is null => element.Child("schema"),
        _ => null,
    };
}
