namespace Offpeak.Handlers;

/// <summary>One registered handler.</summary>
internal sealed record HandlerRegistration(string Name, Type Type);
