#region readme-host
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Offpeak;
using Offpeak.Handlers;
#endregion

namespace Snippets;

internal static class ReadmeHost
{
    public static async Task RunAsync(string[] args, IReadOnlyList<Article> articles)
    {
        #region readme-host
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddOffpeak(offpeak => offpeak
            .UseSqlite("offpeak.db")
            .AddOpenAI()
            .AddHandler<SummariesReady>("summaries-ready"));
        using var host = builder.Build();
        await host.StartAsync();

        var client = host.Services.GetRequiredService<BatchClient>();
        var batch = await client.CreateAsync(new NewBatch("openai/gpt-5-nano") { Handler = "summaries-ready" });
        await client.AddEntriesAsync(batch.Id, articles.Select(a => NewEntry.FromPrompt(a.Id, $"Summarise: {a.Text}")));
        await client.SubmitAsync(batch.Id);     // durable when it returns; the rest follows by itself
        await host.WaitForShutdownAsync();
        #endregion
    }

    #region readme-host
    public sealed class SummariesReady : BatchHandler
    {
        protected override async Task OnSuccessAsync(BatchOutcome outcome, CancellationToken cancellationToken)
        {
            await foreach (var entry in outcome.ReadEntriesAsync(cancellationToken))
                Console.WriteLine($"{entry.CustomId}: {entry.Text}");
        }
    }
    #endregion

    internal sealed record Article(string Id, string Text);
}
