using Offpeak.Kit.Http;
using Offpeak.Kit.Json;
using Offpeak.OpenAI.Results;
using Offpeak.Providers;

namespace Offpeak.XAI.Results;

/// <summary>Turns items into results. Nothing of an item that cannot be read leaves this class but its number.</summary>
internal sealed class XAIResultReader(ProviderErrors errors)
{
    private const int Cancelled = 1;

    public ProviderResult Read(ReadOnlyMemory<byte> bytes, long number)
    {
        if (!KeyedLine.TryRead<ResultItem>(bytes.Span, out var item))
            return new ProviderResult { Kind = ProviderResultKind.Malformed, Line = number };
        var (kind, isPassing) = Classify(item);
        var failed = kind != ProviderResultKind.Succeeded;
        var message = failed ? item.ErrorMessage ?? item.Body.ErrorMessage ?? DefaultMessage(item) : null;
        return Judge(item.Body, new ProviderResult
        {
            Kind = kind,
            WireId = item.Key,
            Line = number,
            Body = bytes.Slice(item.Body.Start, item.Body.Length),
            ErrorCode = failed && CodeOf(item) is { } code ? errors.Clean(code) : null,
            ErrorMessage = message is null ? null : errors.Clean(message),
            IsPassing = isPassing,
            Usage = item.Body.Usage,
            FinishReason = failed ? null : item.Body.FinishReason,
            Model = item.Body.Model,
            ReportedCost = item.Body.Cost,
            IsEmpty = !failed && item.Body.IsEmpty,
        });
    }

    private ProviderResult Judge(in OpenAIBody body, ProviderResult result) => result.Kind != ProviderResultKind.Succeeded ? result
        : body.IsRefused ? result.AsRefused(body.Refusal is { } sentence ? errors.Clean(sentence) : null)
        : body.IsBlocked ? result.AsBlocked(FinishReasons.ContentFilter)
        : result;

    private static (ProviderResultKind Kind, bool IsPassing) Classify(in ResultItem item)
    {
        if (item is { HasError: true, ErrorCode: Cancelled })
            return (ProviderResultKind.Canceled, false);
        if (item.HasError)
            return (ProviderResultKind.Failed, IsPassingCode(item.ErrorCode));
        if (!item.HasBody)
            return (ProviderResultKind.Failed, true);
        return item.Body.Classify();
    }

    /// <summary>
    /// gRPC's UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE and DATA_LOSS (gRPC status codes), or an HTTP
    /// status in their place.
    /// </summary>
    private static bool IsPassingCode(long? code) => code is 2 or 4 or 8 or 10 or 13 or 14 or 15 or 408 or 409 or 429 or >= 500 and <= 599;

    private static string? CodeOf(in ResultItem item) => item.HasError
        ? item.ErrorCode is { } code and not 0 ? code.ToString(System.Globalization.CultureInfo.InvariantCulture) : null
        : item.Body.ErrorCode;

    private static string? DefaultMessage(in ResultItem item) => item.HasError || item.HasBody ? null : "The provider answered without a body.";
}
