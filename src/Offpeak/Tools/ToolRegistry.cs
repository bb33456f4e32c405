using Microsoft.Extensions.AI;

namespace Offpeak.Tools;

/// <summary>The functions that models may call in batches with turns, by name; made when one is called for the first time.</summary>
internal sealed class ToolRegistry(IEnumerable<ToolRegistration> registrations, IServiceProvider services)
{
    private readonly Lazy<Dictionary<string, AIFunction>> tools = new(() => registrations
        .Select(registration => registration.Make(services)).ToDictionary(tool => tool.Name, StringComparer.Ordinal));

    public AIFunction? Find(string name) => tools.Value.GetValueOrDefault(name);
}

/// <summary>A function that a host has offered, made once the container is there.</summary>
internal sealed record ToolRegistration(Func<IServiceProvider, AIFunction> Make);
