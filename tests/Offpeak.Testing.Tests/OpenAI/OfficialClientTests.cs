using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json.Nodes;
using OpenAI;
using OpenAI.Batch;
using OpenAI.Chat;
using OpenAI.Files;
using OpenAI.Responses;

namespace Offpeak.Testing.Tests.OpenAI;

/// <summary>If the official client cannot tell the emulator from the real thing, it is right.</summary>
public sealed class OfficialClientTests : IAsyncLifetime
{
    private Bench bench = null!;
    private OpenAIClient client = null!;

    public async ValueTask InitializeAsync()
    {
        bench = await Bench.StartAsync();
        client = new OpenAIClient(new ApiKeyCredential("sk-test"), new OpenAIClientOptions
        {
            Endpoint = bench.Emulator.OpenAIBaseUrl,
            RetryPolicy = new ClientRetryPolicy(0),
        });
    }

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    [Fact]
    public async Task A_batch_runs_from_upload_to_results()
    {
        var batches = client.GetBatchClient();
        var file = await UploadAsync(Bench.Lines(10));
        var create = await batches.CreateBatchAsync(CreateBody(file.Id), waitUntilCompleted: false);

        Assert.Equal("validating", (string?)Json(create.GetRawResponse())["status"]);
        bench.Clock.Advance(TimeSpan.FromMinutes(51));
        var running = Json((await batches.GetBatchAsync(create.BatchId, new RequestOptions())).GetRawResponse());
        Assert.Equal(("in_progress", 5), ((string?)running["status"], (int?)running["request_counts"]!["completed"]));
        bench.Clock.Advance(TimeSpan.FromMinutes(60));
        var done = Json((await batches.GetBatchAsync(create.BatchId, new RequestOptions())).GetRawResponse());
        Assert.Equal("completed", (string?)done["status"]);

        var content = await client.GetOpenAIFileClient().DownloadFileAsync((string)done["output_file_id"]!);
        var lines = content.Value.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(Enumerable.Range(1, 10).Select(i => $"r-{i}"), lines.Select(line => (string?)line["custom_id"]));
        var chat = ModelReaderWriter.Read<ChatCompletion>(BinaryData.FromString(lines[0]["response"]!["body"]!.ToJsonString()))!;
        Assert.Contains("Question number 1", chat.Content[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_can_be_uploaded_listed_read_and_deleted()
    {
        var files = client.GetOpenAIFileClient();
        var file = await UploadAsync(Bench.Line("a"));

        Assert.Equal(Bench.Line("a").Length, file.SizeInBytesLong);
        Assert.Equal(FilePurpose.Batch, file.Purpose);
        Assert.Equal(bench.Clock.GetUtcNow().AddDays(30), file.ExpiresAt);
        Assert.Equal(file.Id, Assert.Single((await files.GetFilesAsync()).Value).Id);
        Assert.Equal("job.jsonl", (await files.GetFileAsync(file.Id)).Value.Filename);
        Assert.Equal(Bench.Line("a"), (await files.DownloadFileAsync(file.Id)).Value.ToString());
        Assert.True((await files.DeleteFileAsync(file.Id)).Value.Deleted);
        var error = await Assert.ThrowsAsync<ClientResultException>(() => files.GetFileAsync(file.Id));
        Assert.Equal(404, error.Status);
    }

    [Fact]
    public async Task A_batch_can_be_cancelled_once_and_keeps_its_partial_output()
    {
        var file = await UploadAsync(Bench.Lines(10));
        var create = await client.GetBatchClient().CreateBatchAsync(CreateBody(file.Id), waitUntilCompleted: false);
        bench.Clock.Advance(TimeSpan.FromMinutes(31));
        var operation = await CreateBatchOperation.RehydrateAsync(client.GetBatchClient(), create.BatchId);

        var cancelling = Json((await operation.CancelAsync(new RequestOptions())).GetRawResponse());
        Assert.Equal("cancelling", (string?)cancelling["status"]);
        bench.Clock.Advance(TimeSpan.FromMinutes(5));
        var cancelled = await bench.BatchAsync(create.BatchId);

        Assert.Equal("cancelled", (string?)cancelled["status"]);
        Assert.Equal(3, (await bench.LinesOfAsync(cancelled["output_file_id"])).Count);
        Assert.Null(cancelled["error_file_id"]);
        var error = await Assert.ThrowsAsync<ClientResultException>(() => operation.CancelAsync(new RequestOptions()));
        Assert.Equal(409, error.Status);
        Assert.Contains("Cannot cancel a batch with status 'cancelled'.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Batches_are_listed_newest_first_over_pages()
    {
        var file = await UploadAsync(Bench.Line("a"));
        var made = new List<string>();
        for (var i = 0; i < 7; i++)
            made.Add((await client.GetBatchClient().CreateBatchAsync(CreateBody(file.Id), waitUntilCompleted: false)).BatchId);

        var listed = new List<string>();
        await foreach (var job in client.GetBatchClient().GetBatchesAsync(new BatchCollectionOptions { PageSizeLimit = 3 }))
            listed.Add(job.Id);

        Assert.Equal(made.AsEnumerable().Reverse(), listed);
        Assert.Equal(3, bench.Emulator.Requests.Count(request => request.Operation == EmulatorOperation.ListBatches));
    }

    [Fact]
    public async Task Chat_completion_answers_the_same_text_twice()
    {
        var chat = client.GetChatClient("gpt-5-nano");

        var first = (await chat.CompleteChatAsync("The parcel arrived broken")).Value;
        var second = (await chat.CompleteChatAsync("The parcel arrived broken")).Value;
        var other = (await chat.CompleteChatAsync("I cannot log in")).Value;

        Assert.Contains("parcel", first.Content[0].Text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(first.Content[0].Text, second.Content[0].Text);
        Assert.NotEqual(first.Content[0].Text, other.Content[0].Text);
        Assert.Equal(ChatFinishReason.Stop, first.FinishReason);
        Assert.Equal("gpt-5-nano-2025-08-07", first.Model);
        Assert.Equal(7, first.Usage.InputTokenCount);
        Assert.Equal(0, first.Usage.InputTokenDetails.CachedTokenCount);
    }

    [Fact]
    public async Task A_required_tool_is_called_with_conforming_arguments()
    {
        var tool = ChatTool.CreateFunctionTool("get_weather", "Weather", BinaryData.FromString(
            """{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer","minimum":1,"maximum":3}},"required":["city","days"]}"""));

        var chat = (await client.GetChatClient("gpt-5-nano").CompleteChatAsync(
            [new UserChatMessage("Weather in Paris")],
            new ChatCompletionOptions { Tools = { tool }, ToolChoice = ChatToolChoice.CreateRequiredChoice() })).Value;

        Assert.Equal(ChatFinishReason.ToolCalls, chat.FinishReason);
        var arguments = JsonNode.Parse(chat.ToolCalls[0].FunctionArguments)!;
        Assert.Equal("get_weather", chat.ToolCalls[0].FunctionName);
        Assert.InRange((int)arguments["days"]!, 1, 3);
        Assert.NotEmpty((string)arguments["city"]!);
    }

    [Fact]
    public async Task Responses_answer_text()
    {
        var response = (await client.GetResponsesClient().CreateResponseAsync("gpt-5-nano", "Summarise this long letter")).Value;

        Assert.Equal(ResponseStatus.Completed, response.Status);
        Assert.Contains("letter", response.GetOutputText(), StringComparison.Ordinal);
        Assert.True(response.Usage.TotalTokenCount > 0);
    }

    [Fact]
    public async Task Embeddings_are_unit_vectors_that_depend_on_the_text_only()
    {
        var embeddings = client.GetEmbeddingClient("text-embedding-3-small");

        var both = (await embeddings.GenerateEmbeddingsAsync(["a cat", "a dog"])).Value;
        var again = (await embeddings.GenerateEmbeddingAsync("a cat")).Value;

        Assert.Equal(1536, both[0].ToFloats().Length);
        Assert.Equal(both[0].ToFloats().ToArray(), again.ToFloats().ToArray());
        Assert.NotEqual(both[0].ToFloats().ToArray(), both[1].ToFloats().ToArray());
        Assert.Equal(1, both[0].ToFloats().ToArray().Sum(value => value * value), 0.001f);
    }

    private async Task<OpenAIFile> UploadAsync(string content) =>
        await client.GetOpenAIFileClient().UploadFileAsync(BinaryData.FromString(content), "job.jsonl", FileUploadPurpose.Batch);

    private static BinaryContent CreateBody(string fileId) => BinaryContent.Create(BinaryData.FromString(
        $$$"""{"input_file_id":"{{{fileId}}}","endpoint":"/v1/chat/completions","completion_window":"24h","metadata":{"key":"k-1"}}"""));

    private static JsonNode Json(PipelineResponse response) => JsonNode.Parse(response.Content)!;
}
