using System.Net.Sockets;

namespace Offpeak.Testing.Tests;

public sealed class EmulatorServerTests
{
    [Fact]
    public async Task What_happened_can_be_looked_at()
    {
        await using var bench = await Bench.StartAsync();
        var id = await bench.SubmitAsync(Bench.Lines(3));
        bench.Clock.Advance(TimeSpan.FromMinutes(2));
        await bench.Http.PostAsync($"v1/batches/{id}/cancel", null);

        Assert.Equal(
            [EmulatorOperation.UploadFile, EmulatorOperation.CreateBatch, EmulatorOperation.CancelBatch],
            bench.Emulator.Requests.Select(request => request.Operation));
        Assert.Equal(("POST", $"/v1/batches/{id}/cancel", 200), (bench.Emulator.Requests[2].Method, bench.Emulator.Requests[2].Path, bench.Emulator.Requests[2].StatusCode));
        var batch = Assert.Single(bench.Emulator.Batches);
        Assert.Equal((id, "openai", 1, "in.jsonl", "cancelling", 3), (batch.Id, batch.Provider, batch.Number, batch.InputFileName, batch.Status, batch.EntryCount));
        Assert.Equal(bench.Clock.GetUtcNow(), batch.CancelRequestedAt);
        Assert.Equal(batch.InputFileId, Assert.Single(bench.Emulator.Files).Id);
    }

    [Fact]
    public async Task A_taken_port_is_an_error()
    {
        await using var first = await EmulatorServer.StartAsync();
        await Assert.ThrowsAsync<IOException>(() => EmulatorServer.StartAsync(new EmulatorOptions { Port = first.BaseAddress.Port }));
    }

    [Fact]
    public async Task A_run_ends_when_it_is_told_to()
    {
        using var stop = new CancellationTokenSource();
        Uri? address = null;

        await EmulatorServer.RunAsync(new EmulatorOptions(), server =>
        {
            address = server.BaseAddress;
            stop.Cancel();
        }, stop.Token);

        using var socket = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(() => socket.ConnectAsync(address!.Host, address.Port));
    }

    [Fact]
    public async Task Many_clients_at_once_make_many_batches()
    {
        await using var bench = await Bench.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => bench.SubmitAsync(Bench.Lines(20))));
        bench.Clock.Advance(TimeSpan.FromMinutes(103));

        Assert.Equal(40, bench.Emulator.Batches.Select(batch => batch.Id).Distinct().Count());
        Assert.Equal(Enumerable.Range(1, 40), bench.Emulator.Batches.Select(batch => batch.Number).Order());
        Assert.All(bench.Emulator.Batches, batch => Assert.Equal(("completed", 20), (batch.Status, batch.EntryCount)));
    }

    [Fact]
    public async Task A_batch_of_full_size_is_answered_whole()
    {
        await using var bench = await Bench.StartAsync();
        var batch = await bench.FinishAsync(Bench.Lines(50_000));

        Assert.Equal(50_000, (int?)batch["request_counts"]!["completed"]);
        var text = await bench.TextOfAsync(batch["output_file_id"]);
        Assert.Equal(50_000, text.AsSpan().Count('\n'));
    }
}
