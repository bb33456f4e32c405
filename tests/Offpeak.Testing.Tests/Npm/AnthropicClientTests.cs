namespace Offpeak.Testing.Tests.Npm;

/// <summary>Anthropic's official JavaScript client drives the emulator.</summary>
[Collection(NpmCollection.Name)]
public sealed class AnthropicClientTests(NpmClients clients)
{
    [Fact]
    public async Task A_batch_runs_from_create_to_results()
    {
        await using var emulator = await EmulatorServer.StartAsync(NpmClients.Instant);
        var said = await clients.RunAsync("anthropic.mjs", emulator.AnthropicBaseUrl, "run");

        var created = NpmClients.Texts(said["created"]);
        Assert.Equal(emulator.Batches.Select(batch => batch.Id), created);
        Assert.Equal(created.AsEnumerable().Reverse(), NpmClients.Texts(said["listed"]));
        Assert.Equal(("ended", 5), ((string?)said["batch"]!["processing_status"], (int?)said["batch"]!["request_counts"]!["succeeded"]));
        var results = said["results"]!.AsArray();
        Assert.Equal(Enumerable.Range(1, 5).Select(i => $"r-{i}"), results.Select(line => (string?)line!["custom_id"]));
        Assert.Contains("Question number 3", (string?)results[2]!["result"]!["message"]!["content"]![0]!["text"]);
        Assert.Contains("parcel", (string?)said["message"], StringComparison.OrdinalIgnoreCase);
        Assert.Equal(("BadRequestError", 400), ((string?)said["lateCancel"]!["kind"], (int?)said["lateCancel"]!["status"]));
        Assert.Equal("message_batch_deleted", (string?)said["deleted"]);
        Assert.Equal(("NotFoundError", 404), ((string?)said["unknown"]!["kind"], (int?)said["unknown"]!["status"]));
        Assert.DoesNotContain(emulator.Requests, request => request.Operation == EmulatorOperation.Unknown);
    }

    [Fact]
    public async Task A_running_batch_can_be_cancelled()
    {
        await using var emulator = await EmulatorServer.StartAsync(Bench.Slow);
        var said = await clients.RunAsync("anthropic.mjs", emulator.AnthropicBaseUrl, "cancel");
        Assert.Equal(
            ("in_progress", "canceling", "canceling"), ((string?)said["created"], (string?)said["cancelled"], (string?)said["again"]));
    }
}
