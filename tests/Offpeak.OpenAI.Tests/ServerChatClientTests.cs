using System.ClientModel;
using Microsoft.Extensions.AI;
using Offpeak.Local;
using Offpeak.OpenAI.Local;
using Offpeak.Providers;
using Offpeak.TestKit;

namespace Offpeak.OpenAI.Tests;

/// <summary>What the failures of a server of one's own mean.</summary>
public class ServerChatClientTests
{
    [Fact]
    public async Task Server_that_breaks_the_connection_over_a_request_was_reached()
    {
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            context.Abort();
            return Task.CompletedTask;
        });

        Assert.Null(await FailureOfAsync(server.Url));
        Assert.Single(server.Calls);
    }

    [Fact]
    public async Task Server_that_is_not_there_was_not_reached()
    {
        var server = await LocalServer.StartAsync((_, _) => Task.CompletedTask);
        var url = server.Url;
        await server.DisposeAsync();

        Assert.Equal(new LocalFailure(ProviderErrorClass.Unreachable), await FailureOfAsync(url));
    }

    [Fact]
    public async Task Server_that_refuses_the_key_says_so()
    {
        await using var server = await LocalServer.StartAsync((context, _) => LocalServer.WriteJsonAsync(context, "{}", 401));

        Assert.Equal(LocalFailure.FromStatus(401), await FailureOfAsync(server.Url));
    }

    private static async Task<LocalFailure?> FailureOfAsync(string url)
    {
        using var client = new ServerChatClient(new Uri(url + "/v1"), new ApiKeyCredential("k"));
        var error = await Assert.ThrowsAnyAsync<Exception>(() => client.GetResponseAsync([new ChatMessage(ChatRole.User, "hi")], new ChatOptions { ModelId = "m" }));
        return ServerChatClient.Classify(error);
    }
}
