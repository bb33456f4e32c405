using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Codec;
using Offpeak.Kit.Http;
using Offpeak.Kit.Json;
using Offpeak.Providers;
using Polly;
using Polly.Retry;

namespace Offpeak.Local;

/// <summary>One entry: asks the chat client, within the limits, and again if the failure passes.</summary>
internal sealed class LocalCall
{
    private const int MaxMessageLength = 500;

    // A server that refuses a request is no model that refuses to answer.
    private const string RequestRefused = "request_refused";

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly IChatClient client;
    private readonly LocalOptions options;
    private readonly TimeProvider time;
    private readonly KeyText keys;
    private readonly MinuteBudget requests;
    private readonly MinuteBudget tokens;
    private readonly ResiliencePipeline retries;

    public LocalCall(IChatClient client, LocalOptions options, TimeProvider time)
    {
        this.client = client;
        this.options = options;
        this.time = time;
        keys = new KeyText(options.KeyPrefixes);
        requests = new MinuteBudget(options.RequestsPerMinute, time);
        tokens = new MinuteBudget(options.TokensPerMinute, time);
        retries = options.MaxAttempts < 2 ? ResiliencePipeline.Empty : MakeRetries();
    }

    /// <summary>Answers one entry; null if it was given up because the slice is over, which leaves it open.</summary>
    /// <param name="model">The model.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="line">The number of the result.</param>
    /// <param name="before">Awaited right before each try is sent.</param>
    /// <param name="ct">Ends the call.</param>
    /// <param name="enough">No further try is begun, and none is waited for.</param>
    /// <exception cref="ProviderException">The server cannot be reached, or refuses the key: no entry can be answered.</exception>
    public async Task<ProviderResult?> AnswerAsync(
        string model, SubmissionEntry entry, long line, Func<Task> before, CancellationToken ct, CancellationToken enough)
    {
        ChatResponse response;
        Exception? met = null;
        try
        {
            var request = LocalRequest.Read(entry.Body);
            response = await retries.ExecuteAsync(
                async token =>
                {
                    try
                    {
                        return await AskAsync(model, request, entry.Body.Length, before, ct, token);
                    }
                    catch (Exception error) when (!StopsAll(Classify(error)))
                    {
                        met = error;
                        throw;
                    }
                },
                enough);
        }
        catch (OffpeakException error) when (error is not ProviderException)
        {
            return Failed(entry, line, new LocalFailure(ProviderErrorClass.Refused), error.Message);
        }
        catch (Exception error)
        {
            // A server that took a try and was away at the next one may have died of this entry: then none after it would ever have its turn.
            return FateOf(met ?? error, entry, line, enough.IsCancellationRequested);
        }

        return Stored(entry, line, response);
    }

    private ProviderResult? FateOf(Exception error, SubmissionEntry entry, long line, bool isOver)
    {
        var failure = Classify(error);
        if (isOver && (error is OperationCanceledException || failure.Class.IsPassing))
            return null;
        return StopsAll(failure)
            ? throw new ProviderException(failure.Class, $"{options.Name}: {Clean(error.Message)}", SafeCause(error)) { StatusCode = failure.StatusCode }
            : Failed(entry, line, failure, error.Message);
    }

    /// <summary>An answer that no store can hold is its entry's fate, whatever a chat client puts into it.</summary>
    private ProviderResult Stored(SubmissionEntry entry, long line, ChatResponse response)
    {
        try
        {
            return Answered(entry, line, response);
        }
        catch (Exception error)
        {
            return Failed(entry, line, new LocalFailure(ProviderErrorClass.Unexpected), "The answer cannot be stored: " + error.Message);
        }
    }

    private async Task<ChatResponse> AskAsync(
        string model, LocalRequest request, int bytes, Func<Task> before, CancellationToken ct, CancellationToken enough)
    {
        var estimate = TokenEstimate.FromBytes(bytes).Tokens + (request.Options?.MaxOutputTokens ?? 0);
        await requests.TakeAsync(1, enough);
        await tokens.TakeAsync(estimate, enough);
        await before();
        using var limit = new IdleLimit(options.RequestTimeout, time, ct);
        try
        {
            var response = await EndOfAsync(client.GetResponseAsync(request.Messages, request.ToOptions(model), limit.Token), limit.Token);
            tokens.Correct(estimate, response.Usage?.TotalTokenCount ?? estimate);
            return response;
        }
        catch (OperationCanceledException cause) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException($"There was no answer within {options.RequestTimeout}.", cause);
        }
    }

    // A client that listens to its token ends at once, and what it says then counts; one that does not is left to itself.
    private async Task<ChatResponse> EndOfAsync(Task<ChatResponse> asked, CancellationToken over)
    {
        try
        {
            return await asked.WaitAsync(over);
        }
        catch (OperationCanceledException) when (!asked.IsCompleted)
        {
            await Task.WhenAny(asked, Task.Delay(Grace, time, CancellationToken.None));
            return await asked.WaitAsync(over);
        }
    }

    private ProviderResult Answered(SubmissionEntry entry, long line, ChatResponse response)
    {
        var usage = response.Usage;
        var callsTools = response.Messages.Any(message => message.Contents.Any(content => content is FunctionCallContent));
        return Judge(response, new ProviderResult
        {
            Kind = ProviderResultKind.Succeeded,
            WireId = entry.WireId,
            Line = line,
            StatusCode = 200,
            Body = OneLine.Compact(JsonSerializer.SerializeToUtf8Bytes(response, LocalJson.Response)),
            FinishReason = callsTools ? FinishReasons.ToolCalls : Clean(response.FinishReason?.Value ?? FinishReasons.Stop),
            Model = response.ModelId is { } answering ? Clean(answering) : null,
            Usage = usage is null ? null : new TokenUsage(
                usage.InputTokenCount ?? 0, usage.CachedInputTokenCount ?? 0, usage.OutputTokenCount ?? 0, usage.ReasoningTokenCount ?? 0),
            IsEmpty = !response.Messages.SelectMany(message => message.Contents).Any(IsSomething),
        });
    }

    // A client says that the model refused by an error beside, or in place of, the text (Microsoft.Extensions.AI, OpenAI's chat clients).
    private ProviderResult Judge(ChatResponse response, ProviderResult result)
    {
        var refusal = response.Messages.SelectMany(message => message.Contents).OfType<ErrorContent>()
            .FirstOrDefault(error => error.ErrorCode == "Refusal");
        return refusal is not null || result.FinishReason == FinishReasons.Refusal ? result.AsRefused(refusal is null ? null : Clean(refusal.Message))
            : result.FinishReason == FinishReasons.ContentFilter ? result.AsBlocked(FinishReasons.ContentFilter)
            : result;
    }

    private static bool IsSomething(AIContent content) => content switch
    {
        TextContent text => !string.IsNullOrWhiteSpace(text.Text),
        TextReasoningContent or UsageContent => false,
        _ => true,
    };

    private ProviderResult Failed(SubmissionEntry entry, long line, LocalFailure failure, string message) => new()
    {
        Kind = ProviderResultKind.Failed,
        WireId = entry.WireId,
        Line = line,
        StatusCode = failure.StatusCode,
        ErrorCode = failure.Class == ProviderErrorClass.Refused ? RequestRefused : failure.Class.Value,
        ErrorMessage = Clean(message),
        IsPassing = failure.Class.IsPassing,
    };

    private ResiliencePipeline MakeRetries() => new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = options.MaxAttempts - 1,
            ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is { } error and not OffpeakException
                && !(error is OperationCanceledException && arguments.Context.CancellationToken.IsCancellationRequested)
                && Classify(error).Class.IsPassing),
            Delay = options.RetryDelay,
            BackoffType = DelayBackoffType.Exponential,
            DelayGenerator = arguments => ValueTask.FromResult(
                Classify(arguments.Outcome.Exception!).RetryAfter is { } wait && wait > options.RetryDelay * Math.Pow(2, arguments.AttemptNumber)
                    ? wait
                    : (TimeSpan?)null),
        })
        .Build();

    private static bool StopsAll(LocalFailure failure) =>
        failure.Class == ProviderErrorClass.Unauthorized || failure.Class == ProviderErrorClass.Unreachable;

    private LocalFailure Classify(Exception error)
    {
        try
        {
            return options.Classify?.Invoke(error) ?? LocalFailure.Of(error);
        }
        catch (Exception)
        {
            // The host's function has no answer, so the built-in rules have theirs.
            return LocalFailure.Of(error);
        }
    }

    // Servers repeat the key that they refuse, and the client's key is not known here. Half a surrogate pair is no text to any store.
    private string Clean(string message)
    {
        var text = keys.Without(message);
        var clean = new StringBuilder(Math.Min(text.Length, MaxMessageLength));
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > MaxMessageLength)
                break;
            clean.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        }

        return clean.ToString();
    }

    private Exception? SafeCause(Exception cause)
    {
        var text = cause.ToString();
        return keys.Without(text) == text ? cause : null;
    }
}
