namespace Offpeak.Testing.Tests.Npm;

/// <summary>Google's official JavaScript client drives the emulator.</summary>
[Collection(NpmCollection.Name)]
public sealed class GeminiClientTests(NpmClients clients)
{
    [Fact]
    public async Task An_inline_batch_runs_from_create_to_results()
    {
        await using var emulator = await EmulatorServer.StartAsync(NpmClients.Instant);
        var said = await clients.RunAsync("gemini.mjs", emulator.GeminiBaseUrl, "run");

        var created = NpmClients.Texts(said["created"]);
        Assert.Equal(emulator.Batches.Select(batch => "batches/" + batch.Id), created);
        Assert.Equal(created.AsEnumerable().Reverse(), NpmClients.Texts(said["listed"]));
        Assert.Equal(("JOB_STATE_SUCCEEDED", "k-1"), ((string?)said["batch"]!["state"], (string?)said["batch"]!["displayName"]));
        var results = said["results"]!.AsArray();
        Assert.Equal(Enumerable.Range(1, 5).Select(i => $"r-{i}"), results.Select(item => (string?)item!["key"]));
        Assert.Contains("Question number 3", (string?)results[2]!["text"]);
        Assert.Contains("parcel", (string?)said["answer"], StringComparison.OrdinalIgnoreCase);
        Assert.Equal(("ApiError", 404), ((string?)said["unknown"]!["kind"], (int?)said["unknown"]!["status"]));
        Assert.DoesNotContain(emulator.Requests, request => request.Operation == EmulatorOperation.Unknown);
    }

    [Fact]
    public async Task A_batch_runs_from_file_to_file()
    {
        await using var emulator = await EmulatorServer.StartAsync(NpmClients.Instant);
        var said = await clients.RunAsync("gemini.mjs", emulator.GeminiBaseUrl, "files");

        Assert.Equal("JOB_STATE_SUCCEEDED", (string?)said["state"]);
        Assert.Equal(["r-1", "r-2", "r-3"], NpmClients.Texts(said["keys"]));
        Assert.DoesNotContain(emulator.Files, file => file.Purpose == "batch");
        Assert.DoesNotContain(emulator.Requests, request => request.Operation == EmulatorOperation.Unknown);
    }

    [Fact]
    public async Task A_running_batch_can_be_cancelled()
    {
        await using var emulator = await EmulatorServer.StartAsync(Bench.Slow);
        var said = await clients.RunAsync("gemini.mjs", emulator.GeminiBaseUrl, "cancel");
        Assert.Equal("JOB_STATE_PENDING", (string?)said["created"]);
        Assert.NotNull(Assert.Single(emulator.Batches).CancelRequestedAt);
        Assert.NotNull((string?)said["again"]);
    }
}
