using Microsoft.Extensions.Configuration;
using Offpeak.Providers;

namespace Offpeak.PublicDoor.Tests.Acme;

/// <summary>Settings of a provider that is not ours.</summary>
public sealed class AcmeOptions() : HttpProviderOptions("acme")
{
    protected override string OwnBaseUrl => "https://api.acme.example/v1";

    /// <summary>Sends the requests; null for the usual one.</summary>
    public HttpMessageHandler? Handler { get; set; }

    public static AcmeOptions FromConfiguration(IConfiguration? configuration)
    {
        var options = new AcmeOptions();
        options.Read(new ProviderSettings(configuration, "Offpeak:Acme"));
        options.ReadVariables(configuration, "ACME_API_KEY", "ACME_BASE_URL");
        return options;
    }
}
