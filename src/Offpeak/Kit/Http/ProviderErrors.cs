using System.Diagnostics.CodeAnalysis;
using System.Text;
using Offpeak.Providers;

namespace Offpeak.Kit.Http;

/// <summary>Turns what went wrong on the wire into a class and one sentence that holds no key.</summary>
[Experimental("OFFPEAK001")]
public sealed class ProviderErrors(ProviderHttpSettings settings)
{
    private const int MaxMessageLength = 500;

    private readonly KeyText keys = new(settings.KeyPrefixes);

    /// <summary>A call that may be repeated met network trouble.</summary>
    public ProviderException FromNetwork(Exception cause, string action) => IsUnreachable(cause)
        ? Make(ProviderErrorClass.Unreachable, $"{settings.Name} could not be reached to {action}; check the network and the base URL", cause)
        : cause is TimeoutException
            ? Make(ProviderErrorClass.Transient, $"{settings.Name} did not answer in time when asked to {action}", cause)
            : Make(ProviderErrorClass.Transient, $"The connection to {settings.Name} broke while trying to {action}", cause);

    /// <summary>The create call met network trouble; only a connection that was never made proves that nothing was sent.</summary>
    public ProviderException FromCreateNetwork(Exception cause) => IsUnreachable(cause)
        ? FromNetwork(cause, "create the batch")
        : Unclear(cause is TimeoutException ? "did not answer in time" : cause is OperationCanceledException
            ? "was not waited for" : "broke the connection", cause);

    /// <summary>A call that may be repeated was answered with an error.</summary>
    public ProviderException FromReply(WireReply reply, string action, bool namesAnObject)
    {
        var error = settings.ReadError(reply.Body);
        return FromStatus(ClassOf(reply.Status, error, namesAnObject), reply, error, action);
    }

    /// <summary>The create call was answered with an error. 408, 409, 5xx and the like do not prove that there is no batch.</summary>
    public ProviderException FromCreateReply(WireReply reply)
    {
        var error = settings.ReadError(reply.Body);
        var certain = reply.Status is 301 or 302 or 307 or 308 or >= 400 and <= 499 and not 408 and not 409;
        return FromStatus(
            certain ? ClassOf(reply.Status, error, namesAnObject: false) : ProviderErrorClass.OutcomeUnknown, reply, error, "create the batch");
    }

    /// <summary>The outcome of the create call is not known.</summary>
    public ProviderException Unclear(string what, Exception? cause = null) =>
        Make(ProviderErrorClass.OutcomeUnknown, $"{settings.Name} {what} after the create call was sent, so a batch may or may not exist", cause);

    /// <summary>An error of a class, from a sentence that may lack its full stop.</summary>
    public ProviderException Make(ProviderErrorClass errorClass, string sentence, Exception? cause = null) =>
        new(errorClass, Sentence(sentence), SafeCause(cause));

    /// <summary>Removes the key and control characters, and cuts the length.</summary>
    public string Clean(string text)
    {
        if (!string.IsNullOrEmpty(settings.ApiKey))
            text = text.Replace(settings.ApiKey, "[key]", StringComparison.Ordinal);
        text = keys.Without(text);
        var clean = new StringBuilder(Math.Min(text.Length, MaxMessageLength));
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MaxMessageLength)))
            clean.Append(char.IsControl(c) ? ' ' : c);
        if (clean.Length > 0 && char.IsHighSurrogate(clean[^1]))
            clean.Length--;
        return clean.ToString();
    }

    private ProviderErrorClass ClassOf(int status, WireError error, bool namesAnObject) => settings.Classify(status, error) ?? status switch
    {
        // An account without credit is refused like a wrong key: waiting does not help, a person must act.
        401 or 402 or 403 => ProviderErrorClass.Unauthorized,
        404 or 410 when namesAnObject => ProviderErrorClass.NotFound,
        // Who knows the path answers with an error of its API. A mistyped address is no fault of the entries.
        404 or 405 when error is { Message: null, Code: null, Type: null } => ProviderErrorClass.Unreachable,
        429 => ProviderErrorClass.RateLimited,
        408 or 409 or >= 500 => ProviderErrorClass.Transient,
        >= 300 => ProviderErrorClass.Refused,
        _ => ProviderErrorClass.Unexpected,
    };

    private static bool IsUnreachable(Exception cause) => cause is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
    };

    private ProviderException FromStatus(ProviderErrorClass errorClass, WireReply reply, WireError error, string action)
    {
        var code = error.Code ?? error.Type;
        var reason = reply.Status is >= 300 and <= 399
            ? "it answered with a redirect, which is not followed; check the base URL"
            : error.Message ?? "it gave no reason";
        if (errorClass == ProviderErrorClass.Unreachable)
            reason = $"{reason.TrimEnd('.')}; check the base URL, which is {ShownUrl()}";

        var status = code is null ? $"HTTP {reply.Status}" : $"HTTP {reply.Status}, {code}";
        var unclear = errorClass == ProviderErrorClass.OutcomeUnknown ? ", so a batch may or may not exist" : "";
        return new(errorClass, Sentence($"{settings.Name} failed to {action} ({status}){unclear}: {reason}"))
        {
            StatusCode = reply.Status,
            ProviderCode = code is null ? null : Clean(code),
            RetryAfter = reply.RetryAfter ?? settings.RetryAfterIn(reply.Body),
        };
    }

    // Without what may be a password in it.
    private string ShownUrl() => Uri.TryCreate(settings.BaseUrl, UriKind.Absolute, out var url)
        ? url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) : "no URL";

    private string Sentence(string text)
    {
        var clean = Clean(text).TrimEnd();
        return clean.Length == 0 || clean[^1] is '.' or '!' or '?' ? clean : clean.Length < MaxMessageLength ? clean + "." : clean;
    }

    private Exception? SafeCause(Exception? cause) =>
        cause is null || string.IsNullOrEmpty(settings.ApiKey) || !cause.ToString().Contains(settings.ApiKey, StringComparison.Ordinal) ? cause : null;
}
