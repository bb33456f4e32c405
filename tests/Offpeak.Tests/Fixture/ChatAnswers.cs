using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Diagnostics;
using Offpeak.OpenAI;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Tests.Fixture;

/// <summary>A fake provider that speaks chat completions, so that conversations can go on over rounds.</summary>
internal static class ChatAnswers
{
    public static readonly JsonElement Schema = JsonSerializer.Deserialize<JsonElement>(
        """{"type":"object","properties":{"size":{"type":"integer"}},"required":["size"],"additionalProperties":false}""");

    public static readonly ChatOptions WithSchema = new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(Schema, "answer"), MaxOutputTokens = 100 };

    /// <summary>Starts an engine whose provider answers each request body with what a function says.</summary>
    public static async Task<Engine> StartAsync(
        Func<JsonObject, ProviderResult> answer,
        Action<OffpeakOptions>? options = null,
        Action<OffpeakBuilder>? build = null,
        FlowProbe? probe = null)
    {
        var engine = await Engine.StartAsync(options, services => services.AddSingleton(probe ?? new FlowProbe()), build);
        engine.Provider.Codec = new OpenAICodec();
        engine.Provider.Answer = entry => answer(JsonNode.Parse(entry.Body)!.AsObject()) with { WireId = entry.WireId };
        return engine;
    }

    public static async Task<long> SubmitAsync(this Engine engine, NewBatch description, params NewEntry[] entries)
    {
        var batch = await engine.Client.CreateAsync(description with { Endpoint = BatchEndpoint.Chat });
        await engine.Client.AddEntriesAsync(batch.Id, entries);
        await engine.Client.SubmitAsync(batch.Id);
        await engine.Submit.RunOnceAsync();
        return batch.Id;
    }

    /// <summary>Ends the provider's batches and takes the rounds that follow, until the batch is terminal.</summary>
    public static async Task<BatchRow> FinishAsync(this Engine engine, long id)
    {
        for (var step = 0; step < 40; step++)
        {
            engine.Provider.Set(ProviderBatchState.Ended);
            await engine.PollAsync(id);
            if ((await engine.BatchAsync(id)).Status.IsTerminal())
                break;
            await engine.Submit.RunOnceAsync();
        }

        return await engine.BatchAsync(id);
    }

    public static ProviderResult Say(string text, string finishReason = "stop") => Answer(
        new JsonObject { ["role"] = "assistant", ["content"] = text }, finishReason);

    public static ProviderResult SayParts(params string[] texts) => Answer(
        new JsonObject
        {
            ["role"] = "assistant",
            ["content"] = new JsonArray([.. texts.Select(text => new JsonObject { ["type"] = "text", ["text"] = text })]),
        },
        "stop");

    /// <summary>An answer without a word, as a provider's reader would give it.</summary>
    public static ProviderResult SayNothing(string? finishReason)
    {
        var message = new JsonObject { ["role"] = "assistant", ["content"] = null };
        return Answer(message, finishReason) with { IsEmpty = true };
    }

    public static ProviderResult Call(string tool, string arguments) => Answer(
        new JsonObject
        {
            ["role"] = "assistant",
            ["content"] = null,
            ["tool_calls"] = new JsonArray(new JsonObject
            {
                ["id"] = "call-1",
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = tool, ["arguments"] = arguments },
            }),
        },
        "tool_calls");

    public static IEnumerable<string> Roles(JsonObject request) => request["messages"]!.AsArray().Select(message => (string)message!["role"]!);

    public static string LastText(JsonObject request) => request["messages"]!.AsArray()[^1]!["content"]!.ToJsonString();

    private static ProviderResult Answer(JsonObject message, string? finishReason) => new()
    {
        Kind = ProviderResultKind.Succeeded,
        StatusCode = 200,
        Body = JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["id"] = "c-1",
            ["object"] = "chat.completion",
            ["created"] = 1,
            ["model"] = "model-1",
            ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = message, ["finish_reason"] = finishReason }),
        }),
        FinishReason = finishReason,
        Usage = new TokenUsage(10, 0, 5),
    };
}
