using Microsoft.Extensions.AI;

namespace Offpeak.Tools;

/// <summary>
/// Which call a tool is asked to answer. After a crash a call may be made again: <see cref="IdempotencyKey"/> is then the same, so that a tool
/// with side effects can recognise it.
/// </summary>
/// <param name="BatchId">The batch.</param>
/// <param name="CustomId">The user's id of the entry.</param>
/// <param name="Turn">The turn of its conversation, from 1.</param>
/// <param name="CallId">The model's id of the call.</param>
/// <example>
/// <code>
/// AIFunctionFactory.Create(async (string order, AIFunctionArguments arguments) =>
///     await refunds.MakeAsync(order, ToolInvocation.From(arguments)!.IdempotencyKey), "refund");
/// </code>
/// </example>
public sealed record ToolInvocation(long BatchId, string CustomId, int Turn, string CallId)
{
    /// <summary>The same text whenever this call is made, and no other call's.</summary>
    public string IdempotencyKey => FormattableString.Invariant($"{BatchId}/{CustomId}/{Turn}/{CallId}");

    /// <summary>The invocation that a tool's arguments belong to; null if it was not called by a batch.</summary>
    public static ToolInvocation? From(AIFunctionArguments arguments) =>
        arguments.Context is { } context && context.TryGetValue(typeof(ToolInvocation), out var invocation) ? invocation as ToolInvocation : null;
}
