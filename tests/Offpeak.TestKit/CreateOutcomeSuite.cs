using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Offpeak.Providers;

namespace Offpeak.TestKit;

/// <summary>
/// Every way the one create call of a provider can end on the wire: it is sent once, and its class is right about whether a batch can exist.
/// </summary>
public abstract class CreateOutcomeSuite
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    /// <summary>The key of the providers.</summary>
    protected abstract string Key { get; }

    /// <summary>How the path of the create call ends.</summary>
    protected abstract string CreatePath { get; }

    /// <summary>What is answered to calls other than the create call.</summary>
    protected abstract string Other { get; }

    /// <summary>An id in the provider's form.</summary>
    protected abstract string BatchId { get; }

    /// <summary>Whether a call goes before the create call, for example an upload.</summary>
    protected virtual bool UploadsFirst => false;

    /// <summary>See the name.</summary>
    [Theory]
    [InlineData(HttpRequestError.ConnectionError, "unreachable")]
    [InlineData(HttpRequestError.NameResolutionError, "unreachable")]
    [InlineData(HttpRequestError.SecureConnectionError, "unreachable")]
    [InlineData(HttpRequestError.ResponseEnded, "outcome_unknown")]
    [InlineData(HttpRequestError.InvalidResponse, "outcome_unknown")]
    [InlineData(HttpRequestError.Unknown, "outcome_unknown")]
    public async Task Network_failure_gets_its_class(HttpRequestError error, string expected)
    {
        var handler = Handler(_ => throw new HttpRequestException(error, "boom"));
        Assert.Equal(expected, (await FailureAsync(Provider(handler))).Class.Value);
        Assert.Single(handler.Calls, IsCreate);
    }

    /// <summary>See the name.</summary>
    [Fact]
    public async Task Silence_after_the_create_was_sent_makes_the_outcome_unknown()
    {
        var time = new FakeTimeProvider();
        var sent = new TaskCompletionSource();
        var handler = Handler(async cancel =>
        {
            sent.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
        });
        var failing = FailureAsync(Provider(handler, time));
        await sent.Task;
        time.Advance(Silence - TimeSpan.FromSeconds(1));
        Assert.False(failing.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ProviderErrorClass.OutcomeUnknown, (await failing).Class);
        Assert.Single(handler.Calls, IsCreate);
    }

    /// <summary>See the name.</summary>
    [Fact]
    public async Task Cancelling_after_the_create_was_sent_makes_the_outcome_unknown()
    {
        using var cancel = new CancellationTokenSource();
        var handler = Handler(async token =>
        {
            await cancel.CancelAsync();
            token.ThrowIfCancellationRequested();
        });
        Assert.Equal(ProviderErrorClass.OutcomeUnknown, (await FailureAsync(Provider(handler), cancel.Token)).Class);
    }

    /// <summary>See the name.</summary>
    [Fact]
    public async Task Cancelling_right_before_the_create_sends_nothing()
    {
        using var cancel = new CancellationTokenSource();
        var handler = Handler(_ => Task.CompletedTask);
        var submission = Shard();
        submission.OnBeginCreate = cancel.Cancel;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Provider(handler).SubmitAsync(submission, cancel.Token));
        Assert.Equal("begin", submission.Log[^1]);
        Assert.DoesNotContain(handler.Calls, IsCreate);
    }

    /// <summary>See the name.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_ends_after_the_create_arrived_is_not_tried_again(bool inTheReply)
    {
        await using var server = await ServeAsync(async context =>
        {
            if (inTheReply)
            {
                context.Response.ContentLength = 100;
                await context.Response.WriteAsync(Other[..^1]);
                await context.Response.Body.FlushAsync();
            }

            context.Abort();
        });
        Assert.Equal(ProviderErrorClass.OutcomeUnknown, (await FailureAsync(At(server.Url))).Class);
        Assert.Single(server.Calls, IsCreate);
    }

    /// <summary>See the name.</summary>
    [Fact]
    public async Task A_redirect_is_not_followed_and_no_key_leaves()
    {
        await using var elsewhere = await ServeAsync(_ => Task.CompletedTask);
        await using var server = await ServeAsync(context =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = elsewhere.Url + context.Request.Path;
            return Task.CompletedTask;
        });
        Assert.Equal(ProviderErrorClass.Refused, (await FailureAsync(At(server.Url))).Class);
        Assert.Empty(elsewhere.Calls);
    }

    /// <summary>See the name.</summary>
    [Fact]
    public async Task A_refused_connection_is_unreachable()
    {
        await using var server = await ServeAsync(_ => Task.CompletedTask);
        var provider = At(server.Url);
        await server.DisposeAsync();
        Assert.Equal(ProviderErrorClass.Unreachable, (await FailureAsync(provider)).Class);
        Assert.Equal(ProviderErrorClass.Unreachable, (await FailureAsync(() => LookAsync(provider))).Class);
    }

    /// <summary>See the name.</summary>
    [Fact]
    public async Task A_kept_alive_connection_closed_in_good_order_is_not_tried_again()
    {
        using var server = new ClosingServer(Other);
        var provider = At(server.Url);
        if (!UploadsFirst)
            await LookAsync(provider);

        Assert.Equal(ProviderErrorClass.OutcomeUnknown, (await FailureAsync(provider)).Class);
        Assert.Equal(2, server.RequestLines.Count);
        Assert.EndsWith(CreatePath, server.RequestLines[1], StringComparison.Ordinal);
    }

    /// <summary>A provider with the key, and with other settings as given.</summary>
    protected abstract IBatchProvider NewProvider(Action<HttpProviderOptions> configure, HttpMessageHandler? handler, TimeProvider? time);

    /// <summary>A shard of one entry.</summary>
    protected abstract MemorySubmission Shard();

    private IBatchProvider Provider(HttpMessageHandler handler, TimeProvider? time = null) =>
        NewProvider(options => options.CreateTimeout = options.TransferIdleTimeout = Silence, handler, time);

    private IBatchProvider At(string url) => NewProvider(options => options.BaseUrl = url, handler: null, time: null);

    private bool IsCreate(WireCall call) => call.Method == "POST" && call.Path.EndsWith(CreatePath, StringComparison.Ordinal);

    private StubHandler Handler(Func<CancellationToken, Task> create) => new(async (call, cancel) =>
    {
        if (IsCreate(call))
            await create(cancel);

        return StubHandler.AsJson(Other);
    });

    private Task<LocalServer> ServeAsync(Func<HttpContext, Task> create) =>
        LocalServer.StartAsync((context, call) => IsCreate(call) ? create(context) : LocalServer.WriteJsonAsync(context, Other));

    private Task<ProviderSnapshot> LookAsync(IBatchProvider provider) => provider.GetStatusAsync(Shard().At(BatchId), default);

    private Task<ProviderException> FailureAsync(IBatchProvider provider, CancellationToken ct = default) =>
        FailureAsync(() => provider.SubmitAsync(Shard(), ct));

    private async Task<ProviderException> FailureAsync(Func<Task> call)
    {
        var failure = await Assert.ThrowsAsync<ProviderException>(call);
        Assert.DoesNotContain(Key, failure.ToString(), StringComparison.Ordinal);
        Assert.InRange(failure.Message.Length, 1, 500);
        return failure;
    }
}
