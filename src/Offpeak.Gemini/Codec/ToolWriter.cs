using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Offpeak.Gemini.Codec;

/// <summary>Writes the tools and how they are to be used (Gemini API reference, Tool and ToolConfig).</summary>
internal static class ToolWriter
{
    public static void Write(Utf8JsonWriter json, ChatOptions options)
    {
        var functions = options.Tools?.OfType<AIFunctionDeclaration>().ToList() ?? [];
        if (options.Tools is { Count: > 0 })
            WriteTools(json, options.Tools, functions);
        if (options.ToolMode is { } mode)
            WriteMode(json, mode, functions, hasOthers: options.Tools?.Count > functions.Count);
    }

    private static void WriteTools(Utf8JsonWriter json, IList<AITool> tools, List<AIFunctionDeclaration> functions)
    {
        json.WriteStartArray("tools");
        if (functions.Count > 0)
            WriteFunctions(json, functions);
        foreach (var tool in tools)
        {
            if (tool is AIFunctionDeclaration)
                continue;
            json.WriteStartObject();
            json.WriteStartObject(NameOf(tool));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string NameOf(AITool tool) => tool switch
    {
        HostedWebSearchTool or HostedCodeInterpreterTool when tool.AdditionalProperties.Count > 0 =>
            throw Refusal.Setting($"Tools (the properties of {tool.GetType().Name})"),
        HostedWebSearchTool => "googleSearch",
        HostedCodeInterpreterTool { Inputs: { Count: > 0 } } => throw Refusal.Setting("Tools (the inputs of HostedCodeInterpreterTool)"),
        HostedCodeInterpreterTool => "codeExecution",
        _ => throw Refusal.Setting($"Tools ({tool.GetType().Name})"),
    };

    private static void WriteFunctions(Utf8JsonWriter json, List<AIFunctionDeclaration> functions)
    {
        json.WriteStartObject();
        json.WriteStartArray("functionDeclarations");
        foreach (var function in functions)
        {
            json.WriteStartObject();
            json.WriteString("name", function.Name);
            if (!string.IsNullOrEmpty(function.Description))
                json.WriteString("description", function.Description);
            if (function.JsonSchema.ValueKind == JsonValueKind.Object)
            {
                json.WritePropertyName("parametersJsonSchema");
                function.JsonSchema.WriteTo(json);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteMode(Utf8JsonWriter json, ChatToolMode mode, List<AIFunctionDeclaration> functions, bool hasOthers)
    {
        if (functions.Count == 0)
        {
            // Without functions there is nothing to choose; but none can be demanded then, and Google's own tools cannot be held back.
            if (mode is RequiredChatToolMode || (mode is NoneChatToolMode && hasOthers))
                throw Refusal.Setting(nameof(ChatOptions.ToolMode));
            return;
        }

        json.WriteStartObject("toolConfig");
        json.WriteStartObject("functionCallingConfig");
        json.WriteString("mode", mode switch { NoneChatToolMode => "NONE", RequiredChatToolMode => "ANY", _ => "AUTO" });
        if (mode is RequiredChatToolMode { RequiredFunctionName: { } name })
        {
            json.WriteStartArray("allowedFunctionNames");
            json.WriteStringValue(name);
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
