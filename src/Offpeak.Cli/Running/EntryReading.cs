using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Offpeak.Cli.Input;
using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.Cli.Running;

/// <summary>Turns the entries of the input into entries of a batch, the same for <c>run</c> and <c>estimate</c>.</summary>
internal sealed class EntryReading(RunSettings settings, RunPlan plan, RunInput input, IBatchProvider provider)
{
    private readonly ChatOptions? options = plan.Schema is { } schema
        ? new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema, "answer") }
        : null;

    // What the rows fill in is in the entries already.
    private readonly string? systemOfAll = input.FillsSystem ? null : settings.System;

    public async IAsyncEnumerable<NewEntry> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        using var note = new ReadingNote($"Preparing {settings.InputName}", $"of {input.EntryCount.ToString("N0", CultureInfo.InvariantCulture)} entries", TimeProvider.System);
        await foreach (var entry in input.ReadAsync(ct))
        {
            note.Next();
            yield return ToNewEntry(entry);
        }
    }

    private NewEntry ToNewEntry(InputEntry entry) => entry switch
    {
        RawBodyEntry raw when provider.Capabilities.TakesOpenAIBodies => NewEntry.FromBody(raw.CustomId, raw.Body),
        RawBodyEntry raw => ForeignBody.ToEntry(raw),
        PromptEntry prompt when plan.Endpoint == BatchEndpoint.Embeddings => NewEntry.FromText(prompt.CustomId, prompt.Prompt),
        PromptEntry prompt => Chat(prompt.CustomId, [new ChatMessage(ChatRole.User, prompt.Prompt)], prompt.System),
        MessagesEntry messages => Chat(messages.CustomId, messages.Messages, messages.System),
        _ => throw new InvalidOperationException($"Unknown kind of entry {entry.GetType().Name}."),
    };

    private NewEntry Chat(string customId, List<ChatMessage> messages, string? rowSystem)
    {
        var system = messages.Exists(message => message.Role == ChatRole.System) ? null : rowSystem ?? systemOfAll;
        return NewEntry.FromChat(customId, system is null ? messages : [new ChatMessage(ChatRole.System, system), .. messages], options);
    }
}
