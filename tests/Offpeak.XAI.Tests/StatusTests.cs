using System.Net;
using Microsoft.Extensions.Time.Testing;
using Offpeak.Providers;
using Offpeak.XAI.Tests.Support;

namespace Offpeak.XAI.Tests;

/// <summary>A state that is told by counts alone.</summary>
public class StatusTests
{
    [Theory]
    [InlineData(0, 0, "null", "null", ProviderBatchState.Running, "validating")]
    [InlineData(1, 0, "null", "null", ProviderBatchState.Running, "in_progress")]
    [InlineData(2, 1, "null", "null", ProviderBatchState.Running, "in_progress")]
    [InlineData(2, 0, "null", "null", ProviderBatchState.Ended, "completed")]
    [InlineData(3, 0, "null", "\"\"", ProviderBatchState.Ended, "completed")]
    [InlineData(2, 1, "\"2026-01-02\"", "null", ProviderBatchState.Running, "cancelling")]
    [InlineData(2, 0, "\"2026-01-02T03:04:05Z\"", "null", ProviderBatchState.Canceled, "cancelled")]
    [InlineData(0, 0, "\"2026-01-02\"", "null", ProviderBatchState.Canceled, "cancelled")]
    [InlineData(0, 0, "null", "\"bad file\"", ProviderBatchState.Failed, "failed")]
    [InlineData(2, 0, "\"2026-01-02\"", "\"bad file\"", ProviderBatchState.Failed, "failed")]
    public async Task Counts_and_cancel_fields_say_the_state(
        int total, int pending, string cancelled, string message, ProviderBatchState state, string word)
    {
        var snapshot = await Ask($$$"""
            {"batch_id":"b","cancel_time":{{{cancelled}}},"cancel_by_xai_message":{{{message}}},
             "state":{"num_requests":{{{total}}},"num_pending":{{{pending}}},"num_success":{{{total - pending}}}}}
            """);
        Assert.Equal((state, word, false), (snapshot.State, snapshot.Status.Value, snapshot.StatusIsUnknown));
        Assert.Equal(state == ProviderBatchState.Failed, snapshot.Failure is not null);
    }

    [Theory]
    [InlineData("2026-01-01", ProviderBatchState.Expired)]
    [InlineData("2026-01-02", ProviderBatchState.Running)]
    [InlineData("2026-02-01", ProviderBatchState.Running)]
    public async Task A_day_of_expiry_lasts_to_its_end(string day, ProviderBatchState state) =>
        Assert.Equal(state, (await Ask($$$"""{"batch_id":"b","expire_time":"{{{day}}}","state":{"num_requests":2,"num_pending":1}}""")).State);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"state":null,"cancel_time":null}""")]
    [InlineData("""{"state":{"num_requests":"many","num_pending":[]},"expire_time":"soon"}""")]
    public async Task Missing_or_odd_fields_are_still_running(string answer) =>
        Assert.Equal(ProviderBatchState.Running, (await Ask(answer)).State);

    private static async Task<ProviderSnapshot> Ask(string answer)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 12, 0, 0, TimeSpan.Zero));
        var provider = new XAIBatchProvider(new XAIOptions { ApiKey = "xai-key" }, time, new One(answer));
        return await provider.GetStatusAsync(XAIBench.Ref(entries: 2), default);
    }

    private sealed class One(string answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(answer) });
    }
}
