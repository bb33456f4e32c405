namespace Offpeak.PublicDoor.Tests.Acme;

/// <summary>Adds the provider, as a package of a third party would.</summary>
public static class AcmeOffpeakBuilderExtensions
{
    public static OffpeakBuilder AddAcme(this OffpeakBuilder builder, Action<AcmeOptions>? configure = null) =>
        builder.AddProvider(AcmeOptions.FromConfiguration, configure, (options, time) => new AcmeBatchProvider(options, time));
}
