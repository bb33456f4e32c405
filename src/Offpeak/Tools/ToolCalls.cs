using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Offpeak.Tools;

/// <summary>
/// Runs the tools an answer calls and makes the message that answers them. What goes wrong in a tool is told to the model, which may try
/// something else; it is no failure of the batch.
/// </summary>
internal sealed class ToolCalls(ToolRegistry tools, IServiceScopeFactory scopes, IOptions<OffpeakOptions> options, TimeProvider time)
{
    public async Task<ChatMessage> AnswerAsync(IEnumerable<FunctionCallContent> calls, CancellationToken ct)
    {
        var results = new List<AIContent>();
        foreach (var call in calls)
            results.Add(new FunctionResultContent(call.CallId, await RunAsync(call, ct)));
        return new ChatMessage(ChatRole.Tool, results);
    }

    private async Task<object?> RunAsync(FunctionCallContent call, CancellationToken ct)
    {
        if (tools.Find(call.Name) is not { } tool)
            return $"Error: there is no tool '{call.Name}'.";
        if (call.Exception is not null)
            return "Error: the arguments are not valid JSON.";
        await using var scope = scopes.CreateAsyncScope();
        using var limit = new CancellationTokenSource(options.Value.ToolTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            var arguments = new AIFunctionArguments(call.Arguments) { Services = scope.ServiceProvider };
            return await tool.InvokeAsync(arguments, linked.Token).AsTask().WaitAsync(linked.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            return "Error: the tool took too long.";
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            return $"Error: {error.Message}";
        }
    }
}
