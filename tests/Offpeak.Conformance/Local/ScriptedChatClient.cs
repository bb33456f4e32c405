using Microsoft.Extensions.AI;

namespace Offpeak.Conformance.Local;

/// <summary>A chat client that says what a function says, and counts.</summary>
internal sealed class ScriptedChatClient(Func<string, CancellationToken, Task<ChatResponse>> answer) : IChatClient
{
    private int calls;
    private int running;

    public ScriptedChatClient(Func<string, CancellationToken, Task<string>> answer)
        : this(async (prompt, cancellationToken) => Say(await answer(prompt, cancellationToken)))
    {
    }

    public ScriptedChatClient(Func<string, string> answer)
        : this((prompt, _) => Task.FromResult(Say(answer(prompt))))
    {
    }

    public ScriptedChatClient(ChatResponse answer)
        : this((_, _) => Task.FromResult(answer))
    {
    }

    /// <summary>Calls begun.</summary>
    public int Calls => Volatile.Read(ref calls);

    /// <summary>Calls begun and not yet over.</summary>
    public int Running => Volatile.Read(ref running);

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref calls);
        Interlocked.Increment(ref running);
        try
        {
            var response = await answer(messages.Last().Text, cancellationToken);
            response.ModelId ??= options?.ModelId;
            return response;
        }
        finally
        {
            Interlocked.Decrement(ref running);
        }
    }

    private static ChatResponse Say(string text) => new(new ChatMessage(ChatRole.Assistant, text)) { FinishReason = ChatFinishReason.Stop };

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
