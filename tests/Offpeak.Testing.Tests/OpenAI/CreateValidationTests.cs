using System.Text;
using System.Text.Json.Nodes;

namespace Offpeak.Testing.Tests.OpenAI;

public sealed class CreateValidationTests
{
    private const string Good = "\"input_file_id\":\"file-1\",\"endpoint\":\"/v1/responses\",\"completion_window\":\"24h\"";

    public static TheoryData<string, string?, string?> BadBodies => new()
    {
        { "{", null, null },
        { "[]", null, null },
        { """{"endpoint":"/v1/responses","completion_window":"24h"}""", "input_file_id", "missing_required_parameter" },
        { """{"input_file_id":"file-1","completion_window":"24h"}""", "endpoint", "missing_required_parameter" },
        { """{"input_file_id":"file-1","endpoint":"/v1/responses"}""", "completion_window", "missing_required_parameter" },
        { """{"input_file_id":7,"endpoint":"/v1/responses","completion_window":"24h"}""", "input_file_id", "invalid_type" },
        { """{"input_file_id":"batch_1","endpoint":"/v1/responses","completion_window":"24h"}""", "input_file_id", "invalid_value" },
        { """{"input_file_id":"file-1","endpoint":"/v1/dance","completion_window":"24h"}""", "endpoint", "invalid_value" },
        { """{"input_file_id":"file-1","endpoint":"/v1/responses","completion_window":"1h"}""", "completion_window", "invalid_value" },
        { $$$"""{{{{Good}}},"priority":1}""", "priority", "unknown_parameter" },
        { $$$"""{{{{Good}}},"metadata":{"a":1}}""", "metadata.a", "invalid_type" },
        { $$$"""{{{{Good}}},"metadata":"a"}""", "metadata", "invalid_type" },
        { $$$"""{{{{Good}}},"metadata":{"a":"{{{new string('x', 513)}}}"}}""", "metadata.a", "string_above_max_length" },
        { $$$"""{{{{Good}}},"output_expires_after":{"anchor":"created_at","seconds":60}}""", "output_expires_after", "invalid_value" },
    };

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task A_bad_create_is_refused_with_the_error_envelope(string body, string? param, string? code)
    {
        await using var bench = await Bench.StartAsync();
        using var response = await bench.Http.PostAsync("v1/batches", new StringContent(body, Encoding.UTF8, "application/json"));

        var error = (await Bench.ReadAsync(response))["error"]!;
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal(["message", "type", "param", "code"], error.AsObject().Select(property => property.Key));
        Assert.Equal("invalid_request_error", (string?)error["type"]);
        Assert.Equal((param, code), ((string?)error["param"], (string?)error["code"]));
        Assert.Empty(bench.Emulator.Batches);
    }

    [Theory]
    [InlineData(16, 200)]
    [InlineData(17, 400)]
    public async Task Metadata_holds_sixteen_pairs(int pairs, int status)
    {
        await using var bench = await Bench.StartAsync();
        var file = await bench.UploadAsync(Bench.Line("a"));
        var metadata = new JsonObject(Enumerable.Range(0, pairs).Select(i => KeyValuePair.Create($"k{i}", (JsonNode?)"v")));

        using var response = await bench.PostBatchAsync((string)file["id"]!, metadata: metadata);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task Metadata_comes_back_in_lists()
    {
        await using var bench = await Bench.StartAsync();
        var file = await bench.UploadAsync(Bench.Line("a"));
        await bench.PostBatchAsync((string)file["id"]!, metadata: new JsonObject { ["key"] = "k-7" });

        var list = await bench.GetAsync("v1/batches");

        Assert.Equal("k-7", (string?)list["data"]![0]!["metadata"]!["key"]);
        Assert.Equal(list["data"]![0]!["id"]!.ToJsonString(), list["first_id"]!.ToJsonString());
        Assert.False((bool)list["has_more"]!);
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=101")]
    [InlineData("limit=x")]
    [InlineData("after=batch_unknown")]
    public async Task A_bad_page_is_refused(string query)
    {
        await using var bench = await Bench.StartAsync();
        Assert.Equal(400, (int)(await bench.Http.GetAsync($"v1/batches?{query}")).StatusCode);
    }

    [Theory]
    [InlineData("GET", "v1/batches/batch_unknown")]
    [InlineData("POST", "v1/batches/batch_unknown/cancel")]
    [InlineData("GET", "v1/files/file-unknown")]
    [InlineData("GET", "v1/files/file-unknown/content")]
    [InlineData("DELETE", "v1/files/file-unknown")]
    [InlineData("GET", "v1/nothing")]
    [InlineData("GET", "elsewhere")]
    public async Task What_does_not_exist_is_404_with_the_error_envelope(string method, string path)
    {
        await using var bench = await Bench.StartAsync();
        using var response = await bench.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.Equal(404, (int)response.StatusCode);
        Assert.Equal("invalid_request_error", (string?)(await Bench.ReadAsync(response))["error"]!["type"]);
    }

    [Theory]
    [InlineData(null, null, 401)]
    [InlineData(null, "anything", 200)]
    [InlineData("sk-right", "sk-wrong", 401)]
    [InlineData("sk-right", "sk-right", 200)]
    public async Task The_key_is_checked(string? expected, string? sent, int status)
    {
        await using var bench = await Bench.StartAsync(new EmulatorOptions { ApiKey = expected });
        bench.Http.DefaultRequestHeaders.Authorization = sent is null ? null : new("Bearer", sent);

        using var response = await bench.Http.GetAsync("v1/batches");

        Assert.Equal(status, (int)response.StatusCode);
        if (status == 401 && sent is not null)
            Assert.Equal("invalid_api_key", (string?)(await Bench.ReadAsync(response))["error"]!["code"]);
    }
}
