using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Offpeak;

namespace Snippets;

internal static class Providers
{
    public static void AddEndpoints(IServiceCollection services)
    {
        #region endpoints
        services.AddOffpeak(offpeak => offpeak.UseSqlite("offpeak.db").AddOpenAIEndpoint("groq").AddOpenAIEndpoint("my-box"));
        #endregion
    }

    public static ChatMessage Cache(string handbook)
    {
        #region caching
        var system = new ChatMessage(ChatRole.System, [new TextContent(handbook).CacheForAnHour()]);
        #endregion
        return system;
    }
}
