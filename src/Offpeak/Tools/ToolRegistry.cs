using Microsoft.Extensions.AI;

namespace Offpeak.Tools;

/// <summary>The functions that models may call in batches with turns, by name.</summary>
internal sealed class ToolRegistry
{
    private readonly Dictionary<string, AIFunction> tools;

    public ToolRegistry(IEnumerable<ToolRegistration> registrations, IServiceProvider services) => tools = registrations
        .Select(registration => registration.Make(services)).ToDictionary(tool => tool.Name, StringComparer.Ordinal);

    public AIFunction? Find(string name) => tools.GetValueOrDefault(name);
}
