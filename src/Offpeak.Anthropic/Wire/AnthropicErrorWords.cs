using Offpeak.Kit.Http;
using Offpeak.Providers;

namespace Offpeak.Anthropic.Wire;

/// <summary>Anthropic's error types where the status alone would mislead (Anthropic API reference, Errors).</summary>
internal static class AnthropicErrorWords
{
    public static ProviderErrorClass? Classify(int status, WireError error) => error.Type switch
    {
        "billing_error" or "authentication_error" or "permission_error" => ProviderErrorClass.Unauthorized,
        // An account without credit is told so by a 400; waiting does not help, a person must act.
        "invalid_request_error" when SaysNoCredit(error.Message) => ProviderErrorClass.Unauthorized,
        "rate_limit_error" => ProviderErrorClass.RateLimited,
        "overloaded_error" or "api_error" or "timeout_error" => ProviderErrorClass.Transient,
        _ => null,
    };

    /// <summary>Whether a failed entry may succeed when it is asked again.</summary>
    public static bool IsPassing(string? type) => type is "rate_limit_error" or "api_error" or "overloaded_error" or "timeout_error";

    private static bool SaysNoCredit(string? message) =>
        message?.Contains("credit balance is too low", StringComparison.OrdinalIgnoreCase) == true;
}
