using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Offpeak.Testing;

/// <summary>Takes each call through the same steps: log, faults, key, work, faults again, send.</summary>
internal sealed class ExchangePipeline(EmulatorState state, IProviderVoice voice)
{
    public RequestDelegate Run(EmulatorOperation operation, Func<HttpContext, Task<Reply>> work) =>
        context => InvokeAsync(context, operation, work);

    private async Task InvokeAsync(HttpContext context, EmulatorOperation operation, Func<HttpContext, Task<Reply>> work)
    {
        var entry = state.Log.Begin(Describe(context, operation));
        voice.Sign(context);
        var faults = await state.Faults.TakeForCallAsync(operation, () => voice.SubjectAsync(context));
        await DelayAsync(faults, context.RequestAborted);
        var reply = Has(faults, FaultAction.DropBeforeCommit) ? null : await AnswerAsync(context, faults, work);
        if (reply is null || Has(faults, FaultAction.DropAfterCommit))
        {
            context.Abort();
            return;
        }

        ChangeBody(reply, faults);
        state.Log.End(entry, reply.StatusCode);
        await SendAsync(context, reply, faults);
    }

    private LoggedRequest Describe(HttpContext context, EmulatorOperation operation) =>
        new(operation, context.Request.Method, context.Request.Path + context.Request.QueryString.ToString(), state.Time.GetUtcNow(), null);

    private async Task DelayAsync(IReadOnlyList<Fault> faults, CancellationToken cancellationToken)
    {
        foreach (var fault in faults.Where(fault => fault.Action == FaultAction.Delay))
            await Task.Delay(fault.Duration, state.Time, cancellationToken);
    }

    private async Task<Reply> AnswerAsync(HttpContext context, IReadOnlyList<Fault> faults, Func<HttpContext, Task<Reply>> work)
    {
        if ((StandIn(faults) ?? voice.Refuse(context)) is { } refusal)
        {
            // An unread upload would make Kestrel reset the connection before the client has read the refusal.
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            return refusal;
        }

        try
        {
            return await work(context);
        }
        catch (Exception error) when (!context.RequestAborted.IsCancellationRequested && error is not BadHttpRequestException)
        {
            return voice.Error(500, $"The emulator failed: {error}");
        }
    }

    private Reply? StandIn(IReadOnlyList<Fault> faults)
    {
        var fault = faults.FirstOrDefault(fault => fault.Action is FaultAction.Respond or FaultAction.Redirect);
        if (fault is null)
            return null;
        if (fault.Action == FaultAction.Respond)
            return WithRetryAfter(StandIn(fault), fault);
        var redirect = new BytesReply(default, StatusCodes.Status307TemporaryRedirect);
        redirect.Headers["Location"] = fault.Location ?? "/";
        return redirect;
    }

    private Reply StandIn(Fault fault) => fault.Body switch
    {
        null => voice.Error(fault.StatusCode, fault.Message ?? "A scripted fault.", fault.Code),
        JsonValue value when value.GetValueKind() == JsonValueKind.String =>
            new BytesReply(Encoding.UTF8.GetBytes(value.GetValue<string>()), fault.StatusCode, "text/html"),
        _ => new JsonReply(fault.Body.DeepClone(), fault.StatusCode),
    };

    private static void ChangeBody(Reply reply, IReadOnlyList<Fault> faults)
    {
        foreach (var fault in faults)
        {
            if (fault.Action == FaultAction.AddRetryAfter)
                WithRetryAfter(reply, fault);
            if (fault.Action == FaultAction.Patch && reply is JsonReply json && json.StatusCode < 300)
                json.Body = JsonPatch.Apply(json.Body, fault.Body)!;
        }
    }

    private static Reply WithRetryAfter(Reply reply, Fault fault)
    {
        if (fault.RetryAfter is { } delay)
            reply.Headers["Retry-After"] = ((long)delay.TotalSeconds).ToString();
        return reply;
    }

    private static async Task SendAsync(HttpContext context, Reply reply, IReadOnlyList<Fault> faults)
    {
        var cut = faults.FirstOrDefault(fault => fault.Action is FaultAction.Truncate or FaultAction.TruncateCleanly);
        await using var body = reply.Open();
        var sent = Math.Min(body.Length, cut?.Bytes ?? body.Length);
        context.Response.StatusCode = reply.StatusCode;
        context.Response.ContentType = reply.ContentType;
        context.Response.ContentLength = cut?.Action == FaultAction.Truncate ? body.Length : sent;
        foreach (var (name, value) in reply.Headers)
            context.Response.Headers[name] = value;
        await CopyAsync(body, context.Response.Body, sent, context.RequestAborted);
        // A truncated body ends here: Kestrel closes a connection whose promised length was not met, after what was sent has
        // arrived. An abort would reset it, and the client might lose the bytes it has.
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private static async Task CopyAsync(Stream source, Stream target, long count, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
        while (count > 0)
        {
            var read = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(count, buffer.Length)), cancellationToken);
            if (read == 0)
                break;
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            count -= read;
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    private static bool Has(IReadOnlyList<Fault> faults, FaultAction action) => faults.Any(fault => fault.Action == action);
}
