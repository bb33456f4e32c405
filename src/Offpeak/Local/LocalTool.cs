using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Offpeak.Local;

/// <summary>What a model is told of a tool.</summary>
internal sealed record LocalTool(string Name, string Description, JsonElement Schema)
{
    /// <exception cref="OffpeakException">It is a tool that runs at a provider, which a local one does not have.</exception>
    public static LocalTool Of(AITool tool) => tool is AIFunctionDeclaration function
        ? new LocalTool(function.Name, function.Description, function.JsonSchema)
        : throw new OffpeakException(
            OffpeakErrorCode.InvalidInput, $"The tool {tool.Name} runs at a provider, so a local one cannot offer it; leave it out.");

    public AIFunctionDeclaration ToDeclaration() => AIFunctionFactory.CreateDeclaration(Name, Description, Schema);
}
