using System.Diagnostics;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;

namespace Offpeak.Providers;

/// <summary>The settings that every provider reached over HTTP has.</summary>
/// <param name="name">The default of <see cref="Name"/>.</param>
public abstract class HttpProviderOptions(string name)
{
    private string? baseUrl;

    /// <summary>The name used in <c>provider/model</c>. The default is the provider's own, such as <c>openai</c>.</summary>
    public string Name { get; set; } = name;

    /// <summary>The API key. Without one every call fails with a sentence that says how to set it. Never written to logs, errors or URLs.</summary>
    [JsonIgnore, DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? ApiKey { get; set; }

    /// <summary>Where the API is, written as the official SDK takes it. The default is the provider's own address.</summary>
    public string BaseUrl { get => baseUrl ?? OwnBaseUrl; set => baseUrl = value; }

    /// <summary>
    /// Time limit of the create call, from the first byte sent to the last byte of the answer. Where the entries travel inside that call, a
    /// silence ends it and not its length. Default 60 s.
    /// </summary>
    public TimeSpan CreateTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Time limit of the other small calls: status, lists, cancel, delete. Default 60 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest silence allowed during an upload or download; there is no limit on the whole transfer. Default 2 min.</summary>
    public TimeSpan TransferIdleTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The base URL that holds where none is set.</summary>
    protected abstract string OwnBaseUrl { get; }

    /// <summary>Takes what a section sets. A provider's own settings are read by an override.</summary>
    /// <exception cref="OffpeakException">A value cannot be read; the message names its key.</exception>
    protected virtual void Read(ProviderSettings section)
    {
        Name = section.Text(nameof(Name)) ?? Name;
        ApiKey = section.Text(nameof(ApiKey)) ?? ApiKey;
        baseUrl = section.Text(nameof(BaseUrl)) ?? baseUrl;
        CreateTimeout = section.Duration(nameof(CreateTimeout)) ?? CreateTimeout;
        RequestTimeout = section.Duration(nameof(RequestTimeout)) ?? RequestTimeout;
        TransferIdleTimeout = section.Duration(nameof(TransferIdleTimeout)) ?? TransferIdleTimeout;
    }

    /// <summary>Takes what is still open from the host's environment variables.</summary>
    /// <param name="configuration">The host's configuration, or null.</param>
    /// <param name="key">The variable of the key, such as <c>OPENAI_API_KEY</c>.</param>
    /// <param name="urls">The variables of the base URL; the first that is set counts.</param>
    protected void ReadVariables(IConfiguration? configuration, string key, params ReadOnlySpan<string> urls)
    {
        var variables = new ProviderSettings(configuration, section: null);
        ApiKey ??= variables.Text(key);
        foreach (var url in urls)
            baseUrl ??= variables.Text(url);
    }
}
