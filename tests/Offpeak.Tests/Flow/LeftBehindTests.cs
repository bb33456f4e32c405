using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

/// <summary>Files with prompts that a row forgets are deleted by nobody.</summary>
public sealed class LeftBehindTests
{
    [Fact]
    public async Task The_file_of_a_discarded_attempt_is_deleted_in_the_end()
    {
        await using var engine = await Engine.StartAsync();
        var files = 0;
        engine.Provider.Journals = false;
        engine.Provider.BeforeCreate = submission => submission.JournalAsync("file", $"file-{++files}", default);
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        engine.Provider.OnFind = _ => FindResult.Unknown;
        var id = await engine.SubmitAsync();
        await engine.Reconcile.RunOnceAsync();
        engine.Provider.AfterCreate = null;
        await engine.Client.RetryAsync(id);
        await engine.DeliverAsync();
        await engine.Submit.RunOnceAsync();
        Assert.Equal(2, files);

        var deleted = new List<string?>();
        engine.Provider.OnCleanUp = batch =>
        {
            deleted.AddRange(batch.Journal.Values.Values);
            return Task.CompletedTask;
        };
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        Assert.Equal(["file-1", "file-2"], deleted.Order());
    }

    [Fact]
    public async Task A_shard_that_is_sent_again_does_not_read_the_files_of_the_batch_that_was_turned_away()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.Only.Snapshot = new()
        {
            State = ProviderBatchState.Running,
            Status = new("in_progress"),
            Journal = Journal.Empty.With("error_file", "of-the-first"),
        };
        await engine.PollAsync(id);
        engine.Provider.Set(ProviderBatchState.Failed, new ProviderFailure(ProviderErrorClass.Capacity, "token_limit_exceeded", "No room."));
        await engine.PollAsync(id);
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Submit.RunOnceAsync();

        Assert.Null((await engine.ShardAsync(id)).Journal["error_file"]);
    }
}
