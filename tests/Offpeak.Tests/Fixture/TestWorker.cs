using Offpeak.Flow;

namespace Offpeak.Tests.Fixture;

/// <summary>A worker with a name; others can be declared dead.</summary>
internal sealed class TestWorker : WorkerIdentity
{
    public TestWorker(string name) => Owner = name;

    public HashSet<string> Dead { get; } = [];

    public override bool IsDead(string token) => Dead.Contains(token.Split('|')[0]);
}
