namespace Offpeak.Conformance.Support;

/// <summary>Tests that look at the memory of the process run one by one, after all others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MemoryCollection
{
    public const string Name = "memory";
}
