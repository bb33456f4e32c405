using Offpeak.Codec;
using Offpeak.Models;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

/// <summary>A budget that is set while shards are under way: what they cost has been reserved by nobody.</summary>
public sealed class BudgetSetLateTests
{
    private static readonly decimal OneEntry = TokenEstimate.FromBytes(FakeCodec.Body("e1").Length).Tokens;

    [Fact]
    public async Task What_is_under_way_counts_also_if_the_budget_came_after_it()
    {
        await using var engine = await Engine.StartAsync(options => options.Prices["fake/model-1"] = new ModelPrice(2_000_000));
        engine.Provider.Capabilities = new ProviderCapabilities { MaxEntries = 1 };
        engine.Provider.BeforeCreate = _ => engine.Provider.Batches.Count > 0 ? throw new ProviderException(ProviderErrorClass.RateLimited, "Later.") : Task.CompletedTask;
        var id = await engine.SubmitAsync(2);
        engine.Provider.BeforeCreate = null;
        Assert.Single(engine.Provider.Batches);

        await engine.Client.ChangeBudgetAsync(id, 1.5m * OneEntry);
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Submit.RunOnceAsync();

        Assert.Single(engine.Provider.Batches);
    }

    [Fact]
    public async Task A_budget_of_nothing_is_refused_here_as_it_is_when_a_batch_is_made()
    {
        await using var engine = await Engine.StartAsync(options => options.Prices["fake/model-1"] = new ModelPrice(2_000_000));
        var id = await engine.SubmitAsync();

        await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.ChangeBudgetAsync(id, -1m));
    }
}
