using System.Text;
using System.Text.Json.Nodes;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Turns;

/// <summary>A worker was suspended between reading an invalid answer and writing the turn that corrects it; others have come to the same point again.</summary>
public sealed class StaleTurnTests
{
    [Fact]
    public async Task A_correction_of_an_older_answer_does_not_take_the_place_of_the_newer_ones()
    {
        var asked = new List<JsonObject>();
        await using var engine = await ChatAnswers.StartAsync(request =>
        {
            asked.Add(request);
            return ChatAnswers.Say($$"""{"size":"wrong {{asked.Count}}"}""");
        });
        IReadOnlyList<EntryTurn> old = [];
        var id = await engine.SubmitAsync(
            new NewBatch("fake/model-1") { MaxAnswerRetries = 3 }, NewEntry.FromPrompt("a", "How big?", ChatAnswers.WithSchema));
        engine.Hooks.Once("ReadTurnsAsync", async () => old = await engine.Store.ReadTurnsAsync(id, 0, 1_000_000, default));
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        Assert.Single(old);
        await engine.Submit.RunOnceAsync();

        // The second answer is invalid too; its turn waits to be written when the suspended worker wakes.
        var saved = false;
        engine.Hooks.Once("ReadTurnsAsync", async () => saved = await engine.Store.TrySaveTurnAsync(old[0], Encoding.UTF8.GetBytes("""{"stale":true}"""), default));
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        Assert.False(saved, "A turn that was read two rounds ago was written.");
    }
}
