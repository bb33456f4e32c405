using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.AI;
using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak;

/// <summary>An entry and what became of it, at one moment.</summary>
public sealed class EntryOutcome
{
    private readonly IBatchProvider? provider;

    /// <summary>Makes one by its properties, for tests of code that reads it.</summary>
    public EntryOutcome()
    {
    }

    [SetsRequiredMembers]
    internal EntryOutcome(EntryResultRow result, IBatchProvider provider, BatchEndpoint endpoint)
    {
        this.provider = provider;
        var row = result.Entry;
        CustomId = row.CustomId;
        RequestedModel = row.Model;
        Status = row.Status;
        Attempts = row.Attempts;
        Turns = row.Turn;
        StatusCode = row.StatusCode;
        ErrorCode = row.ErrorCode;
        ErrorMessage = row.ErrorMessage;
        FinishReason = row.FinishReason;
        Model = row.ResponseModel;
        InputTokens = row.InputTokens;
        CachedInputTokens = row.CachedInputTokens;
        OutputTokens = row.OutputTokens;
        Cost = row.Cost;
        Endpoint = endpoint;
        Body = result.Body;
    }

    /// <summary>The user's id.</summary>
    public required string CustomId { get; init; }

    /// <summary>The model that was asked, without the provider's name.</summary>
    public string RequestedModel { get; init; } = "";

    /// <summary>Where it stands.</summary>
    public required EntryStatus Status { get; init; }

    /// <summary>How often it was handed to a provider.</summary>
    public int Attempts { get; init; }

    /// <summary>How often its conversation has gone on: tools have answered its calls, or its model had paused.</summary>
    public int Turns { get; init; }

    /// <summary>HTTP status inside the result line; null if there was none.</summary>
    public int? StatusCode { get; init; }

    /// <summary>Code of its error, the provider's or one of <see cref="FailureCodes"/>; null if it has none.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Message of its error; null if it has none.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Why the model stopped: one of <see cref="FinishReasons"/> where one fits, else the provider's own word; null if it did not say.</summary>
    public string? FinishReason { get; init; }

    /// <summary>The model that answered, as the provider names it; null if it did not say.</summary>
    public string? Model { get; init; }

    /// <summary>Input tokens, cached ones included; null if the provider did not say.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Input tokens read from the prompt cache; null if the provider did not say.</summary>
    public long? CachedInputTokens { get; init; }

    /// <summary>Output tokens, reasoning included; null if the provider did not say.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>Cost in US dollars, discount included; null if unknown.</summary>
    public decimal? Cost { get; init; }

    /// <summary>The endpoint it was asked through.</summary>
    public BatchEndpoint Endpoint { get; init; } = BatchEndpoint.Responses;

    /// <summary>The provider's response body as it came, UTF-8 JSON; empty if there is none.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>
    /// The answer's text as it came, the first if there are several; null if there is none. An answer that failed its checks (see
    /// <see cref="FailureCodes.InvalidAnswer"/> and the like), was refused or was blocked in its middle still has one.
    /// </summary>
    public string? Text
    {
        get => field ?? (provider is null || Body.IsEmpty || !IsAnswer ? null : provider.Codec.ReadText(Endpoint, Body.Span));
        init;
    }

    /// <summary>Every answer that the model gave, in order: more than one where the request asked for that; none where it has no text.</summary>
    public IReadOnlyList<AnswerChoice> Choices
    {
        get => field ?? (provider is null
            ? Text is { } text ? [new AnswerChoice(text, [text])] : []
            : Body.IsEmpty || !IsAnswer ? [] : provider.Codec.ReadChoices(Endpoint, Body.Span));
        init;
    }

    /// <summary>Decodes the body into what the provider's synchronous client would have returned.</summary>
    /// <exception cref="OffpeakException">There is no answer, or it cannot be decoded.</exception>
    public ChatResponse ToChatResponse() => provider is null && Text is { } text
        ? new ChatResponse(new ChatMessage(ChatRole.Assistant, text))
        : ProviderOfAnswer().Codec.Decode(Endpoint, Body);

    /// <summary>The vectors of an embeddings entry, in the order of its inputs.</summary>
    /// <exception cref="OffpeakException">There is no answer, or it holds no vectors.</exception>
    public IReadOnlyList<Embedding<float>> ToEmbeddings()
    {
        var answerer = ProviderOfAnswer();
        return answerer.EmbeddingCodec is { } codec
            ? codec.DecodeEmbeddings(Body)
            : throw new OffpeakException(OffpeakErrorCode.InvalidState, $"Entry '{CustomId}' was answered by {answerer.Name}, which has no embeddings.");
    }

    private bool IsAnswer => Status == EntryStatus.Succeeded
        || ErrorCode is FailureCodes.InvalidAnswer or FailureCodes.OutputLimit or FailureCodes.TurnLimit or FailureCodes.Unreadable
            or FailureCodes.Refused or FailureCodes.ContentFilter;

    private IBatchProvider ProviderOfAnswer() => provider is null || Body.IsEmpty
        ? throw new OffpeakException(OffpeakErrorCode.InvalidState, $"Entry '{CustomId}' has no answer to decode.")
        : provider;
}
