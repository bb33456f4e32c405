using Microsoft.Extensions.AI;

namespace Offpeak.Tests.Local;

/// <summary>A chat client that says what a function says.</summary>
internal sealed class ScriptedChatClient(Func<string, ChatOptions?, CancellationToken, Task<ChatResponse>> answer) : IChatClient
{
    public ScriptedChatClient(Func<string, string> answer)
        : this((prompt, _, _) => Task.FromResult(Say(answer(prompt))))
    {
    }

    public static ChatResponse Say(string text) => new(new ChatMessage(ChatRole.Assistant, text))
    {
        ModelId = "llama3",
        FinishReason = ChatFinishReason.Stop,
        Usage = new UsageDetails { InputTokenCount = 7, OutputTokenCount = 3, TotalTokenCount = 10 },
    };

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        answer(messages.Last().Text, options, cancellationToken);

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
