using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Offpeak.Diagnostics;
using Offpeak.Kit.Http;

namespace Offpeak.Tools;

/// <summary>
/// Runs the tools an answer calls and makes the message that answers them. What goes wrong in a tool is told to the model, which may try
/// something else; it is no failure of the batch. The model, and so the provider, never sees an exception's text.
/// </summary>
internal sealed class ToolCalls(
    ToolRegistry tools, IServiceScopeFactory scopes, IOptions<OffpeakOptions> options, TimeProvider time, IErrorReporter errors)
{
    private const string Component = "tool_calls";

    public async Task<ChatMessage> AnswerAsync(ToolContext context, IEnumerable<FunctionCallContent> calls, CancellationToken ct)
    {
        var results = new List<AIContent>();
        foreach (var call in calls)
            results.Add(new FunctionResultContent(call.CallId, await RunAsync(context, call, ct)));

        return new ChatMessage(ChatRole.Tool, results);
    }

    private async Task<object?> RunAsync(ToolContext context, FunctionCallContent call, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (call.Exception is not null)
            return "Error: the arguments are not valid JSON.";

        var limit = new IdleLimit(options.Value.ToolTimeout, time, error => errors.Report(error, Component, context.BatchId), ct);
        var scope = scopes.CreateAsyncScope();
        var running = InvokeAsync(context, call, scope.ServiceProvider, limit.Token);
        try
        {
            return await running.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsPassed && !ct.IsCancellationRequested)
        {
            return "Error: the tool took too long.";
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            errors.Report(error, Component, context.BatchId);
            return "Error: the tool failed.";
        }
        finally
        {
            // A tool that does not listen goes on after its time; what it works with stays until it returns.
            await running.LeaveAsync(async () =>
            {
                await scope.DisposeAsync();
                limit.Dispose();
            });
        }
    }

    private async Task<object?> InvokeAsync(ToolContext context, FunctionCallContent call, IServiceProvider services, CancellationToken ct)
    {
        // Off this thread: a tool that blocks must not hold up its own time limit.
        await Task.Yield();
        if (tools.Find(call.Name) is not { } tool)
            return $"Error: there is no tool '{call.Name}'.";

        var invocation = new ToolInvocation(context.BatchId, context.CustomId, context.Turn, call.CallId);
        return await tool.InvokeAsync(
            new AIFunctionArguments(call.Arguments)
            {
                Services = services,
                Context = new Dictionary<object, object?> { [typeof(ToolInvocation)] = invocation },
            },
            ct);
    }
}

/// <summary>Whose calls are answered.</summary>
internal sealed record ToolContext(long BatchId, string CustomId, int Turn);
