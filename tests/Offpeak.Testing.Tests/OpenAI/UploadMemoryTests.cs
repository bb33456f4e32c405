namespace Offpeak.Testing.Tests.OpenAI;

/// <summary>Runs alone: what other tests hold at the same time would be counted too.</summary>
[Collection("Memory")]
public sealed class UploadMemoryTests
{
    [Fact]
    public async Task A_hundred_megabytes_pass_through_without_being_held()
    {
        const long size = 100_000_000;
        await using var bench = await Bench.StartAsync();
        await bench.UploadAsync("warm");
        await using var source = new GeneratedStream(size);
        using var form = new MultipartFormDataContent { { new StringContent("batch"), "purpose" }, { new StreamContent(source), "file", "big.jsonl" } };

        using var response = await bench.Http.PostAsync("v1/files", form);

        Assert.Equal(size, (long)(await Bench.ReadAsync(response))["bytes"]!);
        Assert.InRange(source.MostHeld, 0, 40_000_000);
    }
}

[CollectionDefinition("Memory", DisableParallelization = true)]
public sealed class RunsAlone;
