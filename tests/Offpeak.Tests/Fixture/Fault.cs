using Offpeak.Providers;

namespace Offpeak.Tests.Fixture;

/// <summary>Failures of provider calls.</summary>
internal static class Fault
{
    public static ProviderException Transient(TimeSpan? retryAfter = null) =>
        new(ProviderErrorClass.Transient, "The provider is down.") { StatusCode = 503, RetryAfter = retryAfter };

    public static ProviderException Unauthorized() => new(ProviderErrorClass.Unauthorized, "The key was refused.") { StatusCode = 401 };

    public static ProviderException NotFound() => new(ProviderErrorClass.NotFound, "There is no such batch.") { StatusCode = 404 };

    public static ProviderException Unexpected() => new(ProviderErrorClass.Unexpected, "The answer cannot be understood.");

    public static ProviderException ReplyLost() => new(ProviderErrorClass.OutcomeUnknown, "The reply was lost.");

    public static ProviderException Refused() => new(ProviderErrorClass.Refused, "The model cannot be batched.") { ProviderCode = "model_not_found" };
}
