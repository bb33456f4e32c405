using Anthropic.Exceptions;
using Anthropic.Models.Messages;
using Anthropic.Models.Messages.Batches;

namespace Offpeak.Testing.Tests.Anthropic;

/// <summary>If the official client cannot tell the emulator from the real thing, it is right.</summary>
public sealed class OfficialClientTests : IAsyncLifetime
{
    private AnthropicBench bench = null!;

    public async ValueTask InitializeAsync() => bench = await AnthropicBench.StartAsync();

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    [Fact]
    public async Task A_batch_runs_from_create_to_results()
    {
        var created = await bench.CreateAsync(10);
        Assert.StartsWith("msgbatch_", created.ID, StringComparison.Ordinal);
        Assert.Equal("in_progress", created.ProcessingStatus.Raw());
        Assert.Equal((10, null), (created.RequestCounts.Processing, created.ResultsUrl));
        Assert.Equal(created.CreatedAt.AddDays(1), created.ExpiresAt);

        bench.Advance(101);
        var running = await bench.Client.Messages.Batches.Retrieve(created.ID);
        Assert.Equal((10, 0), (running.RequestCounts.Processing, running.RequestCounts.Succeeded));
        bench.Advance(10);
        var ended = await bench.Client.Messages.Batches.Retrieve(created.ID);
        Assert.Equal("ended", ended.ProcessingStatus.Raw());
        Assert.Equal((0, 10), (ended.RequestCounts.Processing, ended.RequestCounts.Succeeded));
        Assert.Equal($"{bench.Emulator.AnthropicBaseUrl}v1/messages/batches/{created.ID}/results", ended.ResultsUrl);

        var results = await bench.Client.Messages.Batches.ResultsStreaming(created.ID).ToListAsync();
        Assert.Equal(Enumerable.Range(1, 10).Select(i => $"r-{i}"), results.Select(result => result.CustomID));
        Assert.True(results[0].Result.TryPickSucceeded(out var succeeded));
        Assert.Equal("claude-haiku-4-5-20251001", succeeded.Message.Model.Raw());
        Assert.True(succeeded.Message.Content[0].TryPickText(out var text));
        Assert.Contains("Question number 1", text.Text, StringComparison.Ordinal);
        Assert.Equal("end_turn", succeeded.Message.StopReason!.Raw());
        Assert.True(succeeded.Message.Usage.InputTokens > 0);
    }

    [Fact]
    public async Task Batches_are_listed_newest_first_over_pages()
    {
        var made = new List<string>();
        for (var i = 0; i < 7; i++)
            made.Add((await bench.CreateAsync(1)).ID);

        var listed = new List<string>();
        var page = await bench.Client.Messages.Batches.List(new() { Limit = 3 });
        listed.AddRange(page.Items.Select(batch => batch.ID));
        while (page.HasNext())
        {
            page = (BatchListPage)await page.Next();
            listed.AddRange(page.Items.Select(batch => batch.ID));
        }

        Assert.Equal(made.AsEnumerable().Reverse(), listed);
        Assert.Equal(3, bench.Emulator.Requests.Count(request => request.Operation == EmulatorOperation.ListBatches));
        var before = await bench.Client.Messages.Batches.List(new() { Limit = 2, BeforeID = listed[4] });
        Assert.Equal(listed[2..4], before.Items.Select(batch => batch.ID));
    }

    [Fact]
    public async Task A_cancel_leaves_a_line_for_every_request()
    {
        var created = await bench.CreateAsync(10);
        bench.Advance(31);
        var canceling = await bench.Client.Messages.Batches.Cancel(created.ID);
        Assert.Equal("canceling", canceling.ProcessingStatus.Raw());
        Assert.NotNull(canceling.CancelInitiatedAt);
        Assert.Equal(10, canceling.RequestCounts.Processing);

        bench.Advance(5);
        var ended = await bench.Client.Messages.Batches.Retrieve(created.ID);
        Assert.Equal((3, 7), (ended.RequestCounts.Succeeded, ended.RequestCounts.Canceled));
        var results = await bench.Client.Messages.Batches.ResultsStreaming(created.ID).ToListAsync();
        Assert.Equal(7, results.Count(result => result.Result.TryPickCanceled(out _)));
        await Assert.ThrowsAsync<AnthropicBadRequestException>(() => bench.Client.Messages.Batches.Cancel(created.ID));
    }

    [Fact]
    public async Task A_batch_that_is_canceled_at_once_has_only_canceled_lines()
    {
        var created = await bench.CreateAsync(3);
        await bench.Client.Messages.Batches.Cancel(created.ID);
        bench.Advance(5);
        var results = await bench.Client.Messages.Batches.ResultsStreaming(created.ID).ToListAsync();
        Assert.Equal(3, results.Count(result => result.Result.TryPickCanceled(out _)));
    }

    [Fact]
    public async Task An_expired_batch_tells_its_expired_requests()
    {
        bench.Emulator.Faults.Add(Fault.EndBatch("expired", 0.5));
        var created = await bench.CreateAsync(4);
        bench.Advance(200);
        var ended = await bench.Client.Messages.Batches.Retrieve(created.ID);
        Assert.Equal((2, 2), (ended.RequestCounts.Succeeded, ended.RequestCounts.Expired));
        var results = await bench.Client.Messages.Batches.ResultsStreaming(created.ID).ToListAsync();
        Assert.Equal(2, results.Count(result => result.Result.TryPickExpired(out _)));
    }

    [Fact]
    public async Task A_bad_request_is_an_errored_line_with_its_reason()
    {
        var created = await bench.CreateAsync(AnthropicBench.Request("good"), AnthropicBench.Request("bad", maxTokens: 0));
        bench.Advance(200);
        Assert.Equal(1, (await bench.Client.Messages.Batches.Retrieve(created.ID)).RequestCounts.Errored);
        var results = await bench.Client.Messages.Batches.ResultsStreaming(created.ID).ToListAsync();
        Assert.True(results.Single(result => result.CustomID == "bad").Result.TryPickErrored(out var errored));
        Assert.True(errored.Error.Error.TryPickInvalidRequestError(out var error));
        Assert.Contains("max_tokens", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_is_deleted_only_after_its_end()
    {
        var created = await bench.CreateAsync(1);
        await Assert.ThrowsAsync<AnthropicBadRequestException>(() => bench.Client.Messages.Batches.Delete(created.ID));
        bench.Advance(200);
        await bench.Client.Messages.Batches.ResultsStreaming(created.ID).ToListAsync();
        Assert.Equal(created.ID, (await bench.Client.Messages.Batches.Delete(created.ID)).ID);
        await Assert.ThrowsAsync<AnthropicNotFoundException>(() => bench.Client.Messages.Batches.Retrieve(created.ID));
        Assert.Empty((await bench.Client.Messages.Batches.List(new())).Items);
        Assert.Empty(bench.Emulator.Files);
    }

    [Fact]
    public async Task A_message_answers_the_same_text_as_a_batch()
    {
        var created = await bench.CreateAsync(AnthropicBench.Request("a", "The parcel arrived broken"));
        bench.Advance(200);
        var results = await bench.Client.Messages.Batches.ResultsStreaming(created.ID).ToListAsync();
        Assert.True(results[0].Result.TryPickSucceeded(out var succeeded));

        var message = await bench.Client.Messages.Create(new MessageCreateParams
        {
            Model = "claude-haiku-4-5",
            MaxTokens = 100,
            Messages = [new UserMessageParam { Content = "The parcel arrived broken" }],
        });

        Assert.True(message.Content[0].TryPickText(out var text));
        Assert.True(succeeded.Message.Content[0].TryPickText(out var batched));
        Assert.Equal(batched.Text, text.Text);
        Assert.Contains("parcel", text.Text, StringComparison.OrdinalIgnoreCase);
    }
}
