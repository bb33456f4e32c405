using Microsoft.Extensions.AI;

namespace Offpeak.Tools;

/// <summary>A function that a host has offered, made once the container is there.</summary>
internal sealed record ToolRegistration(Func<IServiceProvider, AIFunction> Make);
