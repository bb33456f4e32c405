using Microsoft.AspNetCore.Http;

namespace Offpeak.Testing;

/// <summary>The manners of one provider: how it checks keys, words errors and signs its responses.</summary>
internal interface IProviderVoice
{
    Reply? Refuse(HttpContext context);

    Reply Error(int statusCode, string message, string? code = null);

    void Sign(HttpContext context);

    ValueTask<FaultSubject?> SubjectAsync(HttpContext context);
}
