using System.Net;
using System.Text.Json;

namespace Offpeak.Testing.Tests.Faults;

public sealed class FaultScriptTests
{
    [Fact]
    public void A_script_reads_as_people_write_it()
    {
        var faults = FaultScript.Parse(
            """
            [
              // The provider takes the batch and the reply is lost.
              { "action": "dropAfterCommit", "on": "createBatch" },
              { "action": "respond", "on": "getBatch", "times": 3, "statusCode": 429, "retryAfter": "00:00:02" },
              { "action": "endBatch", "status": "expired", "fraction": 0.5, "nth": 2 },
              { "action": "patch", "on": "getBatch", "times": null, "body": { "request_counts": null } },
            ]
            """);

        Assert.Equal(Fault.DropAfterCommit(EmulatorOperation.CreateBatch), faults[0]);
        Assert.Equal(Fault.Respond(EmulatorOperation.GetBatch, 429, TimeSpan.FromSeconds(2)) with { Times = 3 }, faults[1]);
        Assert.Equal(Fault.EndBatch("expired", 0.5) with { Nth = 2 }, faults[2]);
        Assert.Null(faults[3].Times);
        Assert.Equal("""{"request_counts":null}""", faults[3].Body!.ToJsonString());
    }

    [Fact]
    public void A_script_survives_writing_and_reading()
    {
        Fault[] faults =
        [
            Fault.Delay(EmulatorOperation.UploadFile, TimeSpan.FromSeconds(1.5)),
            Fault.Truncate(EmulatorOperation.DownloadFile, 4096),
            Fault.AnswerLine(500, 3) with { CustomId = "a", Times = null },
            Fault.HideFromList(TimeSpan.FromMinutes(1)),
        ];

        Assert.Equal(faults, FaultScript.Parse(FaultScript.Format(faults)));
    }

    [Theory]
    [InlineData("""[{"action":"explode"}]""")]
    [InlineData("""[{"action":"delay","seconds":3}]""")]
    [InlineData("""[{"on":"getBatch"}]""")]
    [InlineData("null")]
    [InlineData("[")]
    public void A_bad_script_is_refused(string json) => Assert.ThrowsAny<JsonException>(() => FaultScript.Parse(json));

    [Fact]
    public async Task Faults_of_the_options_are_armed_from_the_start()
    {
        await using var bench = await Bench.StartAsync(new EmulatorOptions { Faults = [Fault.Respond(EmulatorOperation.ListBatches, 500)] });

        Assert.Equal(HttpStatusCode.InternalServerError, (await bench.Http.GetAsync("v1/batches")).StatusCode);
    }
}
