using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Anthropic;
using Anthropic.Core;
using Anthropic.Models.Messages;
using Anthropic.Models.Messages.Batches;

namespace Offpeak.Testing.Tests.Anthropic;

/// <summary>The bench with Anthropic's official client on it and the bare calls that client hides.</summary>
internal sealed class AnthropicBench : IAsyncDisposable
{
    private const string Batches = "v1/messages/batches";
    private readonly Bench bench;

    private AnthropicBench(Bench bench)
    {
        this.bench = bench;
        bench.Http.DefaultRequestHeaders.Add("anthropic-version", "2023-06-01");
        Client = new AnthropicClient(new ClientOptions
        {
            ApiKey = "sk-ant-test",
            BaseUrl = bench.Emulator.AnthropicBaseUrl.ToString().TrimEnd('/'),
            MaxRetries = 0,
        });
    }

    public AnthropicClient Client { get; }

    public EmulatorServer Emulator => bench.Emulator;

    public HttpClient Http => bench.Http;

    public static async Task<AnthropicBench> StartAsync(EmulatorOptions? options = null) => new(await Bench.StartAsync(options));

    public static Request Request(string id, string question = "Where is my parcel?", long maxTokens = 100) => new()
    {
        CustomID = id,
        Params = new Params { Model = "claude-haiku-4-5", MaxTokens = maxTokens, Messages = [new UserMessageParam { Content = question }] },
    };

    public Task<MessageBatch> CreateAsync(int count) => CreateAsync([.. Enumerable.Range(1, count).Select(i => Request($"r-{i}", $"Question number {i}"))]);

    public Task<MessageBatch> CreateAsync(params IReadOnlyList<Request> requests) => Client.Messages.Batches.Create(new() { Requests = requests });

    public void Advance(int minutes) => bench.Clock.Advance(TimeSpan.FromMinutes(minutes));

    public Task<HttpResponseMessage> PostAsync(string body) =>
        Http.PostAsync(Batches, new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

    public Task<JsonNode> GetAsync(string id) => bench.GetAsync($"{Batches}/{id}");

    public Task<HttpResponseMessage> GetReplyAsync(string path) => Http.GetAsync($"{Batches}/{path}");

    public async Task<IReadOnlyList<JsonNode>> ResultsAsync(string id) =>
        [.. (await Http.GetStringAsync($"{Batches}/{id}/results")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];

    public async Task<JsonNode> RefusalAsync(string body)
    {
        using var response = await PostAsync(body);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    public ValueTask DisposeAsync() => bench.DisposeAsync();
}
