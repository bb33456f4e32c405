using Offpeak.Providers;

namespace Offpeak.Local;

/// <summary>What the failure of one call means.</summary>
/// <param name="Class">
/// <see cref="ProviderErrorClass.Transient"/> and its like are tried again; <see cref="ProviderErrorClass.Unauthorized"/> and
/// <see cref="ProviderErrorClass.Unreachable"/> stop the whole batch for a while; everything else fails the entry.
/// </param>
/// <param name="StatusCode">HTTP status, or null.</param>
/// <param name="RetryAfter">The wait the server asked for, or null.</param>
public sealed record LocalFailure(ProviderErrorClass Class, int? StatusCode = null, TimeSpan? RetryAfter = null)
{
    /// <summary>The meaning of an HTTP status.</summary>
    public static LocalFailure FromStatus(int statusCode, TimeSpan? retryAfter = null) => new(
        statusCode switch
        {
            401 or 402 or 403 => ProviderErrorClass.Unauthorized,
            429 => ProviderErrorClass.RateLimited,
            0 or 408 or 409 or >= 500 => ProviderErrorClass.Transient,
            _ => ProviderErrorClass.Refused,
        },
        statusCode,
        retryAfter);

    internal static LocalFailure Of(Exception error) => error switch
    {
        HttpRequestException { StatusCode: { } status } => FromStatus((int)status),
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } =>
            new(ProviderErrorClass.Unreachable),
        _ => new(ProviderErrorClass.Transient),
    };
}
