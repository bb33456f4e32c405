using System.Net;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Anthropic;
using Offpeak.Benchmarks.Bed;
using Offpeak.Benchmarks.Reporting;
using Offpeak.Codec;
using Offpeak.Gemini;
using Offpeak.Local;
using Offpeak.OpenAI;
using Offpeak.Providers;

namespace Offpeak.Benchmarks.Cases;

/// <summary>Entries through the official client, and result lines through the reader, with no database and no wire.</summary>
internal sealed class Codec : IBenchmark
{
    public string Name => "codec";

    public async IAsyncEnumerable<Figure> RunAsync(Scale scale)
    {
        yield return await EncodeAsync("encoded for OpenAI Responses by the official client", new OpenAICodec(), BatchEndpoint.Responses, scale);
        yield return await EncodeAsync("encoded for chat completions by the official client", new OpenAICodec(), BatchEndpoint.Chat, scale);
        yield return await EncodeAsync("encoded for Anthropic by the official client", new AnthropicCodec(), BatchEndpoint.Chat, scale);
        yield return await EncodeAsync("encoded for Gemini", new GeminiCodec(), BatchEndpoint.Chat, scale);
        yield return await EncodeAsync("encoded for a chat client of one's own", new LocalCodec(), BatchEndpoint.Chat, scale);
        yield return await ParseAsync(scale);
    }

    // The raw baseline writes the shortest body there is, by hand.
    private static async Task<Figure> EncodeAsync(string what, IEntryCodec codec, BatchEndpoint endpoint, Scale scale)
    {
        var options = new ChatOptions { MaxOutputTokens = 400 };
        ChatMessage[][] messages = [.. Texts.Prompts.Select(prompt => new[] { new ChatMessage(ChatRole.User, prompt) })];
        var rounds = new Rounds();
        for (var round = 0; round < scale.Rounds; round++)
        {
            await rounds.RawAsync(() =>
            {
                for (var i = 0; i < scale.Entries; i++)
                    WriteByHand(Texts.Prompts[i % messages.Length]);
            });
            await rounds.EngineAsync(() =>
            {
                for (var i = 0; i < scale.Entries; i++)
                    codec.Encode(Texts.Model, endpoint, messages[i % messages.Length], options);
                return Task.CompletedTask;
            });
        }

        return rounds.Rate(what, scale.Entries, bar: 15_000);
    }

    private static byte[] WriteByHand(string prompt)
    {
        using var bytes = new MemoryStream(2_048);
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("model", Texts.Model);
            json.WriteString("input", prompt);
            json.WriteNumber("max_output_tokens", 400);
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private static async Task<Figure> ParseAsync(Scale scale)
    {
        using var file = new MemoryStream();
        for (var i = 1; i <= scale.Entries; i++)
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes($$"""{"id":"batch_req_{{i}}","custom_id":"op-abcdefghijkmnpqrstuv-{{i}}","response":{"status_code":200,"request_id":"r","body":"""));
            file.Write(Texts.Answers[i % Texts.Answers.Length]);
            file.Write("},\"error\":null}\n"u8);
        }

        var provider = new OpenAIBatchProvider(new OpenAIOptions { ApiKey = "unused" }, handler: new FileHandler(file));
        var batch = new ProviderBatchRef
        {
            Key = SubmissionKey.New(),
            Model = Texts.Model,
            Endpoint = BatchEndpoint.Responses,
            EntryCount = scale.Entries,
            ProviderBatchId = "batch_1",
            Journal = Journal.Empty.With("output_file_id", "file-1"),
        };
        var rounds = new Rounds();
        for (var round = 0; round < scale.Rounds; round++)
        {
            await rounds.EngineAsync(async () =>
            {
                await foreach (var result in provider.ReadResultsAsync(batch, CancellationToken.None))
                    _ = result.Kind == ProviderResultKind.Succeeded ? true : throw new InvalidOperationException("A line was not read.");
            });
        }

        return rounds.Rate("result lines of 1-2 KB read", scale.Entries);
    }

    private sealed class FileHandler(MemoryStream file) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var content = new StreamContent(new MemoryStream(file.GetBuffer(), 0, (int)file.Length, writable: false));
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content, RequestMessage = request });
        }
    }
}
