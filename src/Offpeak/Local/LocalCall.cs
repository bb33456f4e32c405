using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Codec;
using Offpeak.Kit.Json;
using Offpeak.Providers;
using Offpeak.Kit.Http;
using Polly;
using Polly.Retry;

namespace Offpeak.Local;

/// <summary>One entry: asks the chat client, within the limits, and again if the failure passes.</summary>
internal sealed class LocalCall
{
    private const int MaxMessageLength = 500;

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

    /// <exception cref="ProviderException">The server cannot be reached, or refuses the key: no entry can be answered.</exception>
    public async Task<ProviderResult> AnswerAsync(string model, SubmissionEntry entry, long line, CancellationToken ct)
    {
        try
        {
            var request = LocalRequest.Read(entry.Body.Span);
            var response = await retries.ExecuteAsync(async token => await AskAsync(model, request, entry.Body.Length, token), ct);
            return Answered(entry, line, response);
        }
        catch (OffpeakException error) when (error is not ProviderException)
        {
            return Failed(entry, line, new LocalFailure(ProviderErrorClass.Refused), error.Message);
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            var failure = Classify(error);
            return failure.Class == ProviderErrorClass.Unauthorized || failure.Class == ProviderErrorClass.Unreachable
                ? throw new ProviderException(failure.Class, $"{options.Name}: {Clean(error.Message)}", SafeCause(error)) { StatusCode = failure.StatusCode }
                : Failed(entry, line, failure, error.Message);
        }
    }

    private async Task<ChatResponse> AskAsync(string model, LocalRequest request, int bytes, CancellationToken ct)
    {
        var estimate = TokenEstimate.FromBytes(bytes).Tokens + (request.Options?.MaxOutputTokens ?? 0);
        await requests.TakeAsync(1, ct);
        await tokens.TakeAsync(estimate, ct);
        using var limit = new CancellationTokenSource(options.RequestTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            var response = await client.GetResponseAsync(request.Messages, request.ToOptions(model), linked.Token);
            tokens.Correct((response.Usage?.TotalTokenCount ?? estimate) - estimate);
            return response;
        }
        catch (OperationCanceledException cause) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException($"There was no answer within {options.RequestTimeout}.", cause);
        }
    }

    private static ProviderResult Answered(SubmissionEntry entry, long line, ChatResponse response)
    {
        var usage = response.Usage;
        var callsTools = response.Messages.Any(message => message.Contents.Any(content => content is FunctionCallContent));
        return new ProviderResult
        {
            Kind = ProviderResultKind.Succeeded,
            WireId = entry.WireId,
            Line = line,
            StatusCode = 200,
            Body = OneLine.Compact(JsonSerializer.SerializeToUtf8Bytes(response, LocalRequest.Json)),
            FinishReason = callsTools ? FinishReasons.ToolCalls : response.FinishReason?.Value ?? FinishReasons.Stop,
            Model = response.ModelId,
            Usage = usage is null ? null : new TokenUsage(
                usage.InputTokenCount ?? 0, usage.CachedInputTokenCount ?? 0, usage.OutputTokenCount ?? 0, usage.ReasoningTokenCount ?? 0),
        };
    }

    private ProviderResult Failed(SubmissionEntry entry, long line, LocalFailure failure, string message) => new()
    {
        Kind = ProviderResultKind.Failed,
        WireId = entry.WireId,
        Line = line,
        StatusCode = failure.StatusCode,
        ErrorCode = failure.Class.Value,
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

    private LocalFailure Classify(Exception error) => options.Classify?.Invoke(error) ?? LocalFailure.Of(error);

    // Servers repeat the key that they refuse, and the client's key is not known here.
    private string Clean(string message)
    {
        var line = new string([.. keys.Without(message).Take(MaxMessageLength).Select(c => char.IsControl(c) ? ' ' : c)]);
        return line.Length > 0 && char.IsHighSurrogate(line[^1]) ? line[..^1] : line;
    }

    private Exception? SafeCause(Exception cause)
    {
        var text = cause.ToString();
        return keys.Without(text) == text ? cause : null;
    }
}
