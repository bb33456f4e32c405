using Offpeak.Jsonl;
using Offpeak.Kit.Http;
using Offpeak.Kit.Json;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Results;

/// <summary>Turns lines of result files into results. Nothing of a line that cannot be read leaves this class but its number and the reason.</summary>
internal sealed class OpenAIResultReader(ProviderErrors errors)
{
    public ProviderResult Read(JsonlLine jsonl, long number)
    {
        if (jsonl.Problem is not null || !KeyedLine.TryRead<OpenAIResultLine>(jsonl.Bytes.Span, out var line))
            return MalformedLine.Of(jsonl, number);
        var (kind, isPassing) = ResultClassifier.Classify(line);
        var failed = kind != ProviderResultKind.Succeeded;
        var message = failed ? line.Error.Message ?? line.Fields.Error.Message ?? DefaultMessage(line) : null;
        return Judge(line.Fields, new ProviderResult
        {
            Kind = kind,
            WireId = line.Key,
            Line = number,
            Body = LargeBodies.Copy(jsonl.Bytes.Span.Slice(line.BodyStart, line.BodyLength)),
            StatusCode = line.StatusCode,
            ErrorCode = failed && (line.Error.CodeOrType ?? line.Fields.Error.CodeOrType) is { } code ? errors.Clean(code) : null,
            ErrorMessage = message is null ? null : errors.Clean(message),
            IsPassing = isPassing,
            Usage = line.Fields.Usage,
            FinishReason = failed ? null : line.Fields.FinishReason,
            Model = line.Fields.Model,
            ReportedCost = line.Fields.Cost,
            IsEmpty = !failed && line.Fields.IsEmpty,
        });
    }

    private ProviderResult Judge(in BodyFields fields, ProviderResult result) => result.Kind != ProviderResultKind.Succeeded ? result
        : fields.IsRefused ? result.AsRefused(fields.Refusal is { } sentence ? errors.Clean(sentence) : null)
        : fields.IsBlocked ? result.AsBlocked(FinishReasons.ContentFilter)
        : result;

    private static string? DefaultMessage(in OpenAIResultLine line) =>
        !line.HasBody && line.StatusCode is >= 200 and <= 299 ? "The provider answered without a body." : null;
}
