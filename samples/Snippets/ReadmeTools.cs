#region readme-tools
using Microsoft.Extensions.AI;
using Offpeak;
#endregion
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

internal static class ReadmeTools
{
    public static async Task RunAsync(IServiceCollection services, BatchClient client, IReadOnlyList<Mail> mails)
    {
        #region readme-tools
        var findOrder = AIFunctionFactory.Create(FindOrder);
        services.AddOffpeak(offpeak => offpeak
            .UseSqlite("offpeak.db")
            .AddAnthropic()
            .AddLocalServer()                   // Offpeak.OpenAI: such servers speak its dialect
            .AddTool(findOrder));

        var options = new ChatOptions { Tools = [findOrder], ResponseFormat = ChatResponseFormat.ForJsonSchema<Reply>() };
        var batch = await client.CreateAsync(new NewBatch("anthropic/claude-haiku-4-5") { MaxTurns = 5, Fallback = "local/llama3" });
        await client.AddEntriesAsync(batch.Id, mails.Select(mail => NewEntry.FromPrompt(mail.Id, mail.Text, options)));
        #endregion
    }

    private static string FindOrder(string number) => $"Order {number} was sent yesterday.";

    internal sealed record Mail(string Id, string Text);

    internal sealed record Reply(string Text, bool NeedsPerson);
}
