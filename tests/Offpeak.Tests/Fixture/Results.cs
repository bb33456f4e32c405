using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.Tests.Fixture;

/// <summary>Lines of results.</summary>
internal static class Results
{
    public static ProviderResult Ok(FakeEntry entry) => Ok(entry.WireId, "answer " + entry.CustomId);

    public static ProviderResult Ok(string wireId, string text) => new()
    {
        Kind = ProviderResultKind.Succeeded,
        WireId = wireId,
        StatusCode = 200,
        Body = FakeCodec.Answer(text),
        Usage = new TokenUsage(100, 0, 10),
        FinishReason = "stop",
    };

    public static ProviderResult Refused(FakeEntry entry) => new()
    {
        Kind = ProviderResultKind.Failed,
        WireId = entry.WireId,
        StatusCode = 400,
        ErrorCode = "invalid_request",
        ErrorMessage = "No.",
    };

    public static ProviderResult Busy(FakeEntry entry) => new()
    {
        Kind = ProviderResultKind.Failed,
        WireId = entry.WireId,
        StatusCode = 503,
        ErrorCode = "overloaded",
        IsPassing = true,
    };

    public static ProviderResult Expired(FakeEntry entry) => new() { Kind = ProviderResultKind.Expired, WireId = entry.WireId };

    public static ProviderResult Canceled(FakeEntry entry) => new() { Kind = ProviderResultKind.Canceled, WireId = entry.WireId };
}
