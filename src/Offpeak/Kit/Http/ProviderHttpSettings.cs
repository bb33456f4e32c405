using System.Diagnostics.CodeAnalysis;
using Offpeak.Providers;

namespace Offpeak.Kit.Http;

/// <summary>What tells one provider's HTTP calls from another's.</summary>
[Experimental("OFFPEAK001")]
public sealed record ProviderHttpSettings
{
    /// <summary>The provider's name, for messages.</summary>
    public required string Name { get; init; }

    /// <summary>Where the API is.</summary>
    public required string BaseUrl { get; init; }

    /// <summary>The key, or null if none is set.</summary>
    public required string? ApiKey { get; init; }

    /// <summary>Where a person sets the key, for messages: <c>OPENAI_API_KEY</c>.</summary>
    public required string KeySetting { get; init; }

    /// <summary>Time limit of the small calls.</summary>
    public required TimeSpan RequestTimeout { get; init; }

    /// <summary>Longest silence during an upload or download.</summary>
    public required TimeSpan TransferIdleTimeout { get; init; }

    /// <summary>Puts the key, and whatever else every call carries, on a request.</summary>
    public required Action<HttpRequestMessage, string> Authorize { get; init; }

    /// <summary>How the provider's keys begin, so that one that is not the key in use is taken out of messages too.</summary>
    public IReadOnlyList<string> KeyPrefixes { get; init; } = [];

    /// <summary>Reads the error out of an answer.</summary>
    public Func<ReadOnlyMemory<byte>, WireError> ReadError { get; init; } = WireError.Parse;

    /// <summary>A class for an HTTP status and error that the common rules would get wrong; null leaves it to them.</summary>
    public Func<int, WireError, ProviderErrorClass?> Classify { get; init; } = (_, _) => null;

    /// <summary>The wait that an error's body asks for, where the provider puts it there and not into a header.</summary>
    public Func<byte[], TimeSpan?> RetryAfterIn { get; init; } = _ => null;

    /// <summary>The settings of a provider that has nothing beyond the options every provider has.</summary>
    /// <param name="options">The options.</param>
    /// <param name="keySetting">See <see cref="KeySetting"/>.</param>
    /// <param name="authorize">See <see cref="Authorize"/>.</param>
    public static ProviderHttpSettings Of(HttpProviderOptions options, string keySetting, Action<HttpRequestMessage, string> authorize)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new ProviderHttpSettings
        {
            Name = options.Name,
            BaseUrl = options.BaseUrl,
            ApiKey = options.ApiKey,
            KeySetting = keySetting,
            RequestTimeout = options.RequestTimeout,
            TransferIdleTimeout = options.TransferIdleTimeout,
            Authorize = authorize,
        };
    }
}
