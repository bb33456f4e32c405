using System.Text.Json.Nodes;

namespace Offpeak.Testing.Tests.OpenAI;

public sealed class FileTests
{
    [Fact]
    public async Task A_name_that_is_not_jsonl_is_refused_at_upload()
    {
        await using var bench = await Bench.StartAsync();
        using var response = await bench.PostFileAsync(Bench.Line("a"), "in.json");

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal(
            """{"error":{"message":"Invalid file format for Batch API. Must be .jsonl","type":"invalid_request_error","param":null,"code":null}}""",
            (await Bench.ReadAsync(response)).ToJsonString());
        Assert.Empty(bench.Emulator.Files);
    }

    [Fact]
    public async Task Content_is_not_looked_at_during_upload()
    {
        await using var bench = await Bench.StartAsync();
        Assert.Equal("processed", (string?)(await bench.UploadAsync("not json"))["status"]);
    }

    [Fact]
    public async Task A_missing_part_is_named()
    {
        await using var bench = await Bench.StartAsync();
        using var noPurpose = await bench.Http.PostAsync("v1/files", new MultipartFormDataContent { { new StringContent("x"), "file", "a.jsonl" } });
        using var noFile = await bench.Http.PostAsync("v1/files", new MultipartFormDataContent { { new StringContent("batch"), "purpose" } });
        using var noForm = await bench.Http.PostAsync("v1/files", new StringContent("x"));

        Assert.Equal("purpose", (string?)(await Bench.ReadAsync(noPurpose))["error"]!["param"]);
        Assert.Equal("file", (string?)(await Bench.ReadAsync(noFile))["error"]!["param"]);
        Assert.Equal("file", (string?)(await Bench.ReadAsync(noForm))["error"]!["param"]);
    }

    [Theory]
    [InlineData("3599", 400)]
    [InlineData("3600", 200)]
    [InlineData("2592001", 400)]
    public async Task Expiry_is_an_hour_to_thirty_days(string seconds, int status)
    {
        await using var bench = await Bench.StartAsync();
        using var response = await bench.PostFileAsync(
            "x", "a.jsonl", ("expires_after[anchor]", "created_at"), ("expires_after[seconds]", seconds));

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task An_expired_file_is_gone()
    {
        await using var bench = await Bench.StartAsync();
        var batch = await bench.FinishAsync(Bench.Line("a"));
        bench.Clock.Advance(TimeSpan.FromDays(29));
        Assert.Single(await bench.LinesOfAsync(batch["output_file_id"]));

        bench.Clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal(404, (int)(await bench.Http.GetAsync($"v1/files/{batch["output_file_id"]}/content")).StatusCode);
        Assert.Equal("completed", (string?)(await bench.BatchAsync((string)batch["id"]!))["status"]);
    }

    [Fact]
    public async Task Files_are_listed_by_purpose_order_and_page()
    {
        await using var bench = await Bench.StartAsync();
        await bench.FinishAsync(Bench.Line("a"));
        await bench.UploadAsync("second", "second.jsonl");

        Assert.Equal(["second.jsonl", "in.jsonl"], Names(await bench.GetAsync("v1/files?purpose=batch")));
        Assert.Equal(["in.jsonl", "second.jsonl"], Names(await bench.GetAsync("v1/files?purpose=batch&order=asc")));
        Assert.Equal(3, Names(await bench.GetAsync("v1/files")).Count());
        var page = await bench.GetAsync("v1/files?purpose=batch&limit=1");
        Assert.True((bool)page["has_more"]!);
        Assert.Equal(["in.jsonl"], Names(await bench.GetAsync($"v1/files?purpose=batch&after={page["last_id"]}")));
    }

    [Fact]
    public async Task A_download_states_its_length_and_name()
    {
        await using var bench = await Bench.StartAsync();
        var batch = await bench.FinishAsync(Bench.Line("a"));

        using var response = await bench.Http.GetAsync($"v1/files/{batch["output_file_id"]}/content");

        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal((await response.Content.ReadAsByteArrayAsync()).Length, response.Content.Headers.ContentLength);
        Assert.Equal($"{batch["id"]}_output.jsonl", response.Content.Headers.ContentDisposition!.FileName!.Trim('"'));
    }

    [Fact]
    public async Task Dispose_deletes_the_temporary_folder()
    {
        var bench = await Bench.StartAsync();
        await bench.FinishAsync(Bench.Line("a"));
        var folder = bench.Emulator.DataFolder;
        Assert.NotEmpty(Directory.GetFiles(folder));

        await bench.DisposeAsync();

        Assert.False(Directory.Exists(folder));
    }

    private static IEnumerable<string?> Names(JsonNode list) => list["data"]!.AsArray().Select(file => (string?)file!["filename"]);
}
