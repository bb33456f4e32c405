using System.Buffers;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Offpeak.Testing.Anthropic;

/// <summary>
/// Reads the body of a create call while it arrives: checks each request as far as the API does before it makes a batch, and writes it
/// to a file, one a line.
/// </summary>
internal sealed partial class MessageBatchBody(string path, long maxBytes)
{
    private const int MostRequests = 100_000;

    private readonly HashSet<string> customIds = new(StringComparer.Ordinal);
    private readonly RequestSplitter splitter = new();

    public Reply? Refusal { get; private set; }

    public int Requests => customIds.Count;

    public async Task ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        using var spool = new SpoolWriter(path);
        var buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
        var total = 0L;
        // Read to the end whatever is wrong with it: an unread upload would make Kestrel reset the connection.
        for (int read; (read = await body.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            total += read;
            if (total > maxBytes)
                Refusal ??= AnthropicRefusals.TooLarge();
            if (Refusal is null)
                splitter.Take(buffer.AsSpan(0, read), line => Accept(line, spool));
        }

        ArrayPool<byte>.Shared.Return(buffer);
        if (!splitter.IsWhole)
            Refusal ??= AnthropicRefusals.Reply(400, "The request body is not valid JSON.");
        if (Requests == 0)
            Refusal ??= AnthropicRefusals.Reply(400, "requests: List should have at least 1 item after validation, not 0");
    }

    private void Accept(ReadOnlyMemory<byte> line, SpoolWriter spool)
    {
        Refusal ??= Refuse(line);
        if (Refusal is null)
            spool.Append(line.Span);
    }

    private Reply? Refuse(ReadOnlyMemory<byte> line)
    {
        var place = $"requests.{Requests}";
        try
        {
            using var json = JsonDocument.Parse(line);
            if (!json.RootElement.TryGetProperty("custom_id", out var id) || id.ValueKind != JsonValueKind.String)
                return AnthropicRefusals.Reply(400, $"{place}.custom_id: Field required");
            if (!Pattern().IsMatch(id.GetString()!))
                return AnthropicRefusals.Reply(400, $"{place}.custom_id: String should match pattern '^[a-zA-Z0-9_-]{{1,64}}$'");
            if (!json.RootElement.TryGetProperty("params", out var body) || body.ValueKind != JsonValueKind.Object)
                return AnthropicRefusals.Reply(400, $"{place}.params: Field required");
            if (!customIds.Add(id.GetString()!))
                return AnthropicRefusals.Reply(400, $"{place}.custom_id: custom_id must be unique within a batch");
            return Requests > MostRequests ? AnthropicRefusals.Reply(400, $"requests: at most {MostRequests} requests are allowed") : null;
        }
        catch (JsonException)
        {
            return AnthropicRefusals.Reply(400, "The request body is not valid JSON.");
        }
    }

    [GeneratedRegex(@"\A[a-zA-Z0-9_-]{1,64}\z")]
    private static partial Regex Pattern();
}
