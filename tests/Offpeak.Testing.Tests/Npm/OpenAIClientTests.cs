namespace Offpeak.Testing.Tests.Npm;

/// <summary>OpenAI's official JavaScript client drives the emulator.</summary>
[Collection(NpmCollection.Name)]
public sealed class OpenAIClientTests(NpmClients clients)
{
    [Fact]
    public async Task A_batch_runs_from_upload_to_results()
    {
        await using var emulator = await EmulatorServer.StartAsync(NpmClients.Instant);
        var said = await clients.RunAsync("openai.mjs", emulator.OpenAIBaseUrl, "run");

        var created = NpmClients.Texts(said["created"]);
        Assert.Equal(emulator.Batches.Select(batch => batch.Id), created);
        Assert.Equal(created.AsEnumerable().Reverse(), NpmClients.Texts(said["listed"]));
        Assert.Equal(("completed", 5), ((string?)said["batch"]!["status"], (int?)said["batch"]!["request_counts"]!["completed"]));
        Assert.Equal("k-1", (string?)said["batch"]!["metadata"]!["key"]);
        var results = said["results"]!.AsArray();
        Assert.Equal(Enumerable.Range(1, 5).Select(i => $"r-{i}"), results.Select(line => (string?)line!["custom_id"]));
        Assert.Contains("Question number 3", (string?)results[2]!["response"]!["body"]!["choices"]![0]!["message"]!["content"]);
        Assert.Contains("parcel", (string?)said["chat"], StringComparison.OrdinalIgnoreCase);
        Assert.Contains("parcel", (string?)said["response"], StringComparison.OrdinalIgnoreCase);
        Assert.Equal(("ConflictError", 409), ((string?)said["lateCancel"]!["kind"], (int?)said["lateCancel"]!["status"]));
        Assert.Equal(("NotFoundError", 404), ((string?)said["unknown"]!["kind"], (int?)said["unknown"]!["status"]));
        Assert.True((bool?)said["deleted"]);
        Assert.DoesNotContain(emulator.Requests, request => request.Operation == EmulatorOperation.Unknown);
    }

    [Fact]
    public async Task A_running_batch_can_be_cancelled()
    {
        await using var emulator = await EmulatorServer.StartAsync(Bench.Slow);
        var said = await clients.RunAsync("openai.mjs", emulator.OpenAIBaseUrl, "cancel");
        Assert.Equal(
            ("validating", "cancelling", "cancelling"), ((string?)said["created"], (string?)said["cancelled"], (string?)said["again"]));
    }
}
