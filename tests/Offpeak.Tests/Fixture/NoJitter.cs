namespace Offpeak.Tests.Fixture;

/// <summary>Makes poll delays exact.</summary>
internal sealed class NoJitter : Random
{
    public override double NextDouble() => 0;
}
