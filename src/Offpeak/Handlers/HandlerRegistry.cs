using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace Offpeak.Handlers;

/// <summary>Handlers by the name they are registered under. Names, never types, are stored with a batch.</summary>
internal sealed class HandlerRegistry(IEnumerable<HandlerRegistration> registrations)
{
    private readonly Dictionary<string, HandlerRegistration> handlers =
        registrations.ToDictionary(registration => registration.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<string> Names => handlers.Keys;

    public bool Contains(string name) => handlers.ContainsKey(name);

    public IBatchHandler? Create(string name, IServiceProvider services) =>
        handlers.TryGetValue(name, out var registration)
            ? (IBatchHandler)ActivatorUtilities.GetServiceOrCreateInstance(services, registration.Type)
            : null;
}

/// <summary>One registered handler.</summary>
internal sealed record HandlerRegistration(
    string Name, [property: DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type Type);
