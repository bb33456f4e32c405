using Offpeak.Gemini.Wire;
using Offpeak.Jsonl;
using Offpeak.Kit.Http;
using Offpeak.Kit.Json;
using Offpeak.Providers;

namespace Offpeak.Gemini.Results;

/// <summary>Turns lines and items into results, matched by key alone. Nothing of one that cannot be read leaves this class but its number.</summary>
internal sealed class GeminiResultReader(ProviderErrors errors)
{
    public static ProviderResult Torn(long number) => new() { Kind = ProviderResultKind.Malformed, Line = number, IsTorn = true };

    public ProviderResult ReadLine(JsonlLine line) =>
        Read(line.Bytes, line.Number, isTooLong: line.Problem == JsonlProblem.TooLong, isTorn: !line.Terminated);

    public ProviderResult ReadItem(OperationSplitter parts) => Read(parts.Item, parts.Count, parts.ItemIsTooLong, isTorn: false);

    private ProviderResult Read(ReadOnlyMemory<byte> bytes, long number, bool isTooLong, bool isTorn)
    {
        if (isTooLong)
            return Malformed(number, isTorn) with { ErrorCode = "result_too_long", ErrorMessage = "The result is longer than the limit that is set." };
        if (!KeyedLine.TryRead<GeminiResultLine>(bytes.Span, out var line))
            return Malformed(number, isTorn);
        var failed = line.HasError || !line.HasResponse || !line.Answer.IsAnswer;
        var result = new ProviderResult
        {
            Kind = failed ? ProviderResultKind.Failed : ProviderResultKind.Succeeded,
            WireId = line.Key,
            Line = number,
            Body = LargeBodies.Copy(bytes.Span.Slice(line.BodyStart, line.BodyLength)),
            ErrorCode = failed && line.Error.Name is { } code ? errors.Clean(code) : null,
            ErrorMessage = failed ? errors.Clean(line.Error.Message ?? DefaultMessage(line)) : null,
            IsPassing = failed && (!line.HasError || line.Error.IsPassing),
            Usage = line.Answer.Usage,
            FinishReason = failed ? null : line.Answer.FinishReason,
            Model = line.Answer.Model,
            IsEmpty = !failed && line.Answer.IsEmpty,
        };
        return !failed && line.Answer.BlockedBy is { } word
            ? result.AsBlocked(errors.Clean(word), line.Answer.Explanation is { } why ? errors.Clean(why) : null)
            : result;
    }

    private static ProviderResult Malformed(long number, bool isTorn) =>
        new() { Kind = ProviderResultKind.Malformed, Line = number, IsTorn = isTorn };

    private static string DefaultMessage(in GeminiResultLine line) => line.HasError
        ? "The provider gave no reason."
        : "The provider answered without candidates.";
}
