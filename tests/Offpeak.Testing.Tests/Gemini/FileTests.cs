using System.Text;
using System.Text.Json.Nodes;

namespace Offpeak.Testing.Tests.Gemini;

public sealed class FileTests
{
    [Fact]
    public async Task A_file_goes_up_in_pieces()
    {
        await using var bench = await GeminiBench.StartAsync();
        var content = GeminiBench.Lines(3);
        var url = await bench.StartUploadAsync(Encoding.UTF8.GetByteCount(content));
        Assert.Equal("active", (await bench.SendPieceAsync(url, content[..50], 0, "upload")).Status);
        Assert.Equal("400", (await bench.SendPieceAsync(url, content[40..], 40, "upload, finalize")).Status);
        var (status, body) = await bench.SendPieceAsync(url, content[50..], 50, "upload, finalize");

        Assert.Equal("final", status);
        var file = body["file"]!;
        Assert.Equal(("in.jsonl", "ACTIVE", content.Length.ToString()), ((string?)file["displayName"], (string?)file["state"], (string?)file["sizeBytes"]));
        Assert.Equal(file.ToJsonString(), (await bench.GetAsync("v1beta/" + (string)file["name"]!)).ToJsonString());
        Assert.Equal(content, await File.ReadAllTextAsync(Path.Combine(bench.Emulator.DataFolder, bench.Emulator.Files.Single().Id)));
        Assert.Single((await bench.GetAsync("v1beta/files"))["files"]!.AsArray());
    }

    [Fact]
    public async Task A_short_upload_makes_no_file()
    {
        await using var bench = await GeminiBench.StartAsync();
        var url = await bench.StartUploadAsync(100);
        Assert.Equal("400", (await bench.SendPieceAsync(url, "short", 0, "upload, finalize")).Status);
        Assert.Equal("404", (await bench.SendPieceAsync(url.Replace("upload_id=", "upload_id=x"), "short", 0, "upload, finalize")).Status);
        Assert.Empty(bench.Emulator.Files);
    }

    [Fact]
    public async Task Results_of_a_file_are_a_file_of_keyed_lines()
    {
        await using var bench = await GeminiBench.StartAsync();
        bench.Emulator.Faults.Add(Fault.FailLine("DEADLINE_EXCEEDED") with { CustomId = "r-2" });
        var name = await bench.UploadAsync(GeminiBench.Lines(4));
        var operation = await bench.FinishAsync(GeminiBench.OfFile(name));

        Assert.Equal(name, (string?)operation["metadata"]!["inputConfig"]!["fileName"]);
        Assert.Equal("4", (string?)operation["metadata"]!["batchStats"]!["requestCount"]);
        var file = (string)operation["response"]!["responsesFile"]!;
        Assert.Equal(file, (string?)operation["metadata"]!["output"]!["responsesFile"]);
        Assert.Equal("files/batch-" + bench.Emulator.Batches[0].Id, file);
        var text = await bench.Http.GetStringAsync($"download/v1beta/{file}:download?alt=media");
        Assert.EndsWith("}\n", text);
        Assert.Equal(text, await bench.Http.GetStringAsync($"v1beta/{file}:download?alt=media"));
        var lines = text.TrimEnd().Split('\n').Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(["r-1", "r-2", "r-3", "r-4"], lines.Select(line => (string?)line["key"]));
        Assert.Equal(4, (int)lines[1]["error"]!["code"]!);
        Assert.Equal(["response", "key"], lines[2].AsObject().Select(property => property.Key));
        Assert.Equal(["key", "response"], lines[3].AsObject().Select(property => property.Key));
    }

    [Theory]
    [InlineData("not json\n", "Line 1: ")]
    [InlineData("{\"key\":\"a\"}\n", "Line 1: ")]
    [InlineData("\n", "holds no request")]
    public async Task Bad_lines_fail_the_batch_after_its_creation(string content, string message)
    {
        await using var bench = await GeminiBench.StartAsync();
        var name = await bench.UploadAsync(content);
        var operation = await bench.FinishAsync(GeminiBench.OfFile(name));
        Assert.Equal("BATCH_STATE_FAILED", (string?)operation["metadata"]!["state"]);
        Assert.Equal(3, (int)operation["error"]!["code"]!);
        Assert.Contains(message, (string?)operation["error"]!["message"]);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_forbidden_and_lives_48_hours()
    {
        await using var bench = await GeminiBench.StartAsync();
        var name = await bench.UploadAsync(GeminiBench.Lines(1));
        bench.Advance(47 * 60);
        await bench.GetAsync("v1beta/" + name);
        bench.Advance(60);
        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Delete])
        {
            var (status, body) = await bench.SendAsync(method, "v1beta/" + name);
            Assert.Equal((403, "PERMISSION_DENIED"), (status, (string?)body["error"]!["status"]));
            Assert.Contains("may not exist", (string?)body["error"]!["message"]);
        }

        var create = await bench.SendAsync(
            HttpMethod.Post, GeminiBench.Model + ":batchGenerateContent", GeminiBench.OfFile(name));
        Assert.Equal(403, create.Status);
    }
}
