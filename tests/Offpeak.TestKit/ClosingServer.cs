using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Offpeak.TestKit;

/// <summary>
/// Answers the first request of each connection and, having read the second, closes in good order: the case in which HTTP clients
/// believe that a kept-alive connection had gone stale and send a request again.
/// </summary>
public sealed class ClosingServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly string firstAnswer;

    /// <summary>Starts to listen.</summary>
    public ClosingServer(string firstAnswer)
    {
        this.firstAnswer = firstAnswer;
        listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public string Url => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    /// <summary>Method and path of each request.</summary>
    public List<string> RequestLines { get; } = [];

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptTcpClientAsync());
        }
        catch (Exception end) when (end is ObjectDisposedException or SocketException)
        {
            return;
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            var stream = client.GetStream();
            await ReadRequestAsync(stream);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(
                $"HTTP/1.1 200 OK\r\nContent-Length: {Encoding.UTF8.GetByteCount(firstAnswer)}\r\n\r\n{firstAnswer}"));
            await ReadRequestAsync(stream);
            client.Client.Shutdown(SocketShutdown.Send);
        }
    }

    private async Task ReadRequestAsync(NetworkStream stream)
    {
        var text = "";
        var buffer = new byte[65_536];
        while (!IsWhole(text))
        {
            var read = await stream.ReadAsync(buffer);
            if (read == 0)
                return;
            text += Encoding.Latin1.GetString(buffer, 0, read);
        }

        lock (RequestLines)
            RequestLines.Add(text[..text.IndexOf(" HTTP", StringComparison.Ordinal)]);
    }

    private static bool IsWhole(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
            return false;
        var length = text.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase))?[16..];
        return text.Length >= end + 4 + int.Parse(length ?? "0");
    }
}
