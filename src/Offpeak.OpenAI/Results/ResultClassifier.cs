using Offpeak.Providers;

namespace Offpeak.OpenAI.Results;

/// <summary>
/// Says what became of an entry: by the HTTP status inside the line first, then by the error's code. A null error alone says nothing,
/// because OpenAI puts refusals into the body.
/// </summary>
internal static class ResultClassifier
{
    public static (ProviderResultKind Kind, bool IsPassing) Classify(in OpenAIResultLine line)
    {
        if (line.StatusCode is >= 200 and <= 299)
            return ClassifyAnswer(line);
        var code = line.Error.CodeOrType ?? line.Fields.Error.CodeOrType;
        if (code is "batch_expired")
            return (ProviderResultKind.Expired, false);
        if (code is "batch_cancelled" or "batch_canceled")
            return (ProviderResultKind.Canceled, false);
        if (line.StatusCode is null && line.Fields.IsObject && !line.Error.Exists && !line.Fields.Error.Exists)
            return ClassifyAnswer(line);
        return (ProviderResultKind.Failed, line.StatusCode is { } status ? IsPassingStatus(status) : IsPassingCode(code));
    }

    /// <summary>A Responses body may carry a failure under HTTP 200 (OpenAI API reference, Response object, status).</summary>
    private static (ProviderResultKind Kind, bool IsPassing) ClassifyAnswer(in OpenAIResultLine line) => line.Fields.Status switch
    {
        _ when !line.HasBody => (ProviderResultKind.Failed, true),
        "failed" => (ProviderResultKind.Failed, IsPassingCode(line.Fields.Error.CodeOrType)),
        "cancelled" or "canceled" => (ProviderResultKind.Failed, true),
        _ => (ProviderResultKind.Succeeded, false),
    };

    private static bool IsPassingStatus(int status) => status is 0 or 408 or 409 or 429 or >= 500;

    private static bool IsPassingCode(string? code) => code is "server_error" or "rate_limit_exceeded" or "internal_error" or "timeout";
}
