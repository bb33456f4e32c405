using System.Globalization;
using System.Net.Http.Headers;
using Offpeak.Codec;
using Offpeak.Kit.Http;
using Offpeak.OpenAI.Wire;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Dialects;

/// <summary>A server's profile together with the settings of one endpoint: where calls go, what they carry, and how long they may take.</summary>
internal sealed class Dialect(OpenAIOptions options)
{
    public DialectProfile Profile { get; } = DialectProfiles.Of(options.Dialect);

    public OpenAIOptions Options => options;

    /// <summary>The window as a number of hours, for servers that want one.</summary>
    public int WindowHours => (int)Math.Ceiling(Window.TotalHours);

    public ProviderCapabilities Capabilities => Profile.Capabilities with
    {
        MaxAge = Profile.Expires ? Window + Profile.Grace : null,
        PriceFactor = options.PriceFactor ?? Profile.Capabilities.PriceFactor,
    };

    private TimeSpan Window => WindowOf(options.CompletionWindow);

    public string PathOf(string batchId) => $"{Profile.BatchesPath}/{Uri.EscapeDataString(batchId)}";

    /// <summary>Where a batch is read with the results that stand in it.</summary>
    public string ResultsPathOf(string batchId) => PathOf(batchId) + Profile.InlineQuery;

    /// <summary>Azure's dated versions name endpoints without <c>/v1</c>.</summary>
    public BatchEndpoint EndpointOf(BatchEndpoint endpoint) =>
        options.ApiVersion is not null && endpoint.Path.StartsWith("/v1/", StringComparison.Ordinal) ? new(endpoint.Path[3..]) : endpoint;

    public ProviderHttpSettings HttpSettings() => new()
    {
        Name = options.Name,
        BaseUrl = BaseUrl(),
        ApiKey = options.ApiKey,
        KeySetting = options.KeySetting ?? Profile.KeyName,
        RequestTimeout = options.RequestTimeout,
        TransferIdleTimeout = options.TransferIdleTimeout,
        KeyPrefixes = OpenAIErrorWords.KeyPrefixes,
        Authorize = Authorize,
        Classify = OpenAIErrorWords.Classify,
    };

    /// <summary>Reads <c>24h</c> or <c>7d</c>; anything else counts as a day.</summary>
    public static TimeSpan WindowOf(string window)
    {
        if (window.Length < 2 || !int.TryParse(window.AsSpan(0, window.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return TimeSpan.FromDays(1);
        return window[^1] switch
        {
            'd' => TimeSpan.FromDays(number),
            'h' => TimeSpan.FromHours(number),
            _ => TimeSpan.FromDays(1),
        };
    }

    /// <summary>Azure's endpoint is the resource's root; a base URL that has a path already is taken as it is.</summary>
    private string BaseUrl()
    {
        if (options.Dialect != ServerDialect.Azure || !Uri.TryCreate(options.BaseUrl, UriKind.Absolute, out var url)
            || url.AbsolutePath.Contains("/openai", StringComparison.Ordinal))
            return options.BaseUrl;
        return options.BaseUrl.TrimEnd('/') + (options.ApiVersion is null ? "/openai/v1" : "/openai");
    }

    private void Authorize(HttpRequestMessage request, string key)
    {
        if (Profile.KeyHeader is { } header)
            request.Headers.TryAddWithoutValidation(header, key);
        else
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (options.Organization is { } organization)
            request.Headers.TryAddWithoutValidation("OpenAI-Organization", organization);
        if (options.Project is { } project)
            request.Headers.TryAddWithoutValidation("OpenAI-Project", project);
        foreach (var (name, value) in options.Headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (options.ApiVersion is { } version && request.RequestUri is { } url)
            request.RequestUri = new Uri($"{url}{(url.Query.Length == 0 ? '?' : '&')}api-version={Uri.EscapeDataString(version)}");
    }
}
