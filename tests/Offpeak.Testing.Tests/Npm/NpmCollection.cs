namespace Offpeak.Testing.Tests.Npm;

/// <summary>Tests that share one installation of the clients.</summary>
[CollectionDefinition(Name)]
public sealed class NpmCollection : ICollectionFixture<NpmClients>
{
    public const string Name = "npm";
}
