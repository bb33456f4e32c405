using Offpeak.Anthropic.Wire;
using Offpeak.Jsonl;
using Offpeak.Kit.Http;
using Offpeak.Kit.Json;
using Offpeak.Providers;

namespace Offpeak.Anthropic.Results;

/// <summary>Turns lines of results into results. Nothing of a line that cannot be read leaves this class but its number and the reason.</summary>
internal sealed class MessageResultReader(ProviderErrors errors)
{
    public ProviderResult Read(JsonlLine jsonl)
    {
        if (jsonl.Problem is not null || !KeyedLine.TryRead<MessageResultLine>(jsonl.Bytes.Span, out var line))
            return MalformedLine.Of(jsonl, jsonl.Number);
        var kind = KindOf(line);
        var failed = kind == ProviderResultKind.Failed;
        var message = failed ? line.Error.Message ?? DefaultMessage(line) : null;
        var result = new ProviderResult
        {
            Kind = kind,
            WireId = line.Key,
            Line = jsonl.Number,
            Body = LargeBodies.Copy(jsonl.Bytes.Span.Slice(line.BodyStart, line.BodyLength)),
            ErrorCode = failed && CodeOf(line) is { } code ? errors.Clean(code) : null,
            ErrorMessage = message is null ? null : errors.Clean(message),
            IsPassing = failed && IsPassing(line),
            Usage = line.Message.Usage,
            FinishReason = kind == ProviderResultKind.Succeeded ? line.Message.FinishReason : null,
            Model = line.Message.Model,
            IsEmpty = kind == ProviderResultKind.Succeeded && line.Message.IsEmpty,
        };
        return kind == ProviderResultKind.Succeeded && line.Message.IsRefused
            ? result.AsRefused(line.Message.Explanation is { } why ? errors.Clean(why) : null)
            : result;
    }

    private static ProviderResultKind KindOf(in MessageResultLine line) => line.Type switch
    {
        "canceled" or "cancelled" => ProviderResultKind.Canceled,
        "expired" => ProviderResultKind.Expired,
        "errored" => ProviderResultKind.Failed,
        _ => line.Message.IsObject && !line.Error.Exists ? ProviderResultKind.Succeeded : ProviderResultKind.Failed,
    };

    private static string? CodeOf(in MessageResultLine line) => line.Error.Type ?? (line.Type is { Length: > 0 } type ? type : null);

    /// <summary>An answer that is missing although the line says that there is one, or an error without a type, may be there next time.</summary>
    private static bool IsPassing(in MessageResultLine line) =>
        line.Error.Exists ? AnthropicErrorWords.IsPassing(line.Error.Type) : line.Type is "succeeded" or "errored";

    private static string DefaultMessage(in MessageResultLine line) => line.Type switch
    {
        "succeeded" => "The provider answered without a message.",
        "errored" => "The provider gave no reason.",
        _ => "The provider gave a result of an unknown type.",
    };
}
