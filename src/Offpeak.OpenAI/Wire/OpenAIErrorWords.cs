using System.Diagnostics.CodeAnalysis;
using Offpeak.Kit.Http;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Wire;

/// <summary>What the errors of OpenAI and of servers that speak its dialect mean beyond their status (OpenAI API guide, Error codes).</summary>
[Experimental("OFFPEAK001")]
public static class OpenAIErrorWords
{
    /// <summary>How OpenAI's keys begin, and those of the servers that speak its dialect.</summary>
    public static IReadOnlyList<string> KeyPrefixes { get; } = ["sk-", "gsk_"];

    /// <summary>A class for an HTTP status and error that the common rules would get wrong, or null.</summary>
    public static ProviderErrorClass? Classify(int status, WireError error) => status switch
    {
        >= 400 and <= 499 when MeansCapacity(error.Code ?? error.Type, error.Message) => ProviderErrorClass.Capacity,
        // An account without credit: waiting does not help, a person must act.
        429 when error.Code == "insufficient_quota" => ProviderErrorClass.Unauthorized,
        // "Invalid URL (POST /files)": the base URL lacks its /v1, say.
        404 when error.Message?.StartsWith("Invalid URL", StringComparison.Ordinal) == true => ProviderErrorClass.Unreachable,
        _ => null,
    };

    /// <summary>Whether the words say that the account's queue of tokens is full. Spelling differs by source, so the match is loose.</summary>
    public static bool MeansCapacity(string? code, string? message) =>
        Contains(code, "token_limit_exceeded") || Contains(message, "token_limit_exceeded")
        || Contains(message, "enqueued token") || Contains(message, "number of enqueued");

    /// <summary>OpenAI answers 409 to the cancel of a terminal batch; some servers of its dialect answer 400 and say so in words.</summary>
    public static bool SaysAlreadyTerminal(WireReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        if (reply.Status == 409)
            return true;
        var message = reply.Status == 400 ? WireError.Parse(reply.Body).Message : null;
        return Contains(message, "already") || Contains(message, "cannot cancel") || Contains(message, "cannot be cancel");
    }

    private static bool Contains(string? text, string part) => text?.Contains(part, StringComparison.OrdinalIgnoreCase) == true;
}
