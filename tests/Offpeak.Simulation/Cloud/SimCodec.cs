using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Codec;

namespace Offpeak.Simulation.Cloud;

/// <summary>Bodies that say whose they are. One codec cannot read the other's: what is sent to, or read by, the wrong provider is seen at once.</summary>
internal sealed class SimCodec(World.Simulation world, string form) : IEntryCodec
{
    public const string Tool = "look_up";

    public byte[] Encode(string model, BatchEndpoint endpoint, IEnumerable<ChatMessage> messages, ChatOptions? options = null) => Write(new SimBody
    {
        Form = form,
        Model = model,
        Text = messages.Single().Text,
        Schema = (options?.ResponseFormat as ChatResponseFormatJson)?.Schema?.GetRawText(),
    });

    public string? ReadText(BatchEndpoint endpoint, ReadOnlySpan<byte> body) =>
        Read(body).Text ?? throw new FormatException("An answer that no reader understands.");

    public ChatResponse Decode(BatchEndpoint endpoint, ReadOnlyMemory<byte> body) =>
        new(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("call-1", Read(body.Span).Text is null ? "nothing" : Tool)]));

    public byte[] Continue(
        BatchEndpoint endpoint, ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> answer, IReadOnlyList<ChatMessage> messages)
    {
        Read(answer.Span);
        if (world.Happens(World.Fault.NotContinued))
            throw new OffpeakException(OffpeakErrorCode.Provider, "Simulated: the conversation cannot go on.");

        var asked = Read(request.Span);
        return Write(asked with { Text = $"{asked.Text} and on" });
    }

    public byte[]? RaiseOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request, double factor) => null;

    public int? ReadOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request) => null;

    public string? ReadSchema(BatchEndpoint endpoint, ReadOnlyMemory<byte> request) => JsonSerializer.Deserialize<SimBody>(request.Span) is { } read && read.Form == form
        ? read.Schema
        // A stray line of results may name an entry of another provider's; its review must come to nothing.
        : throw new FormatException("A request in another form.");

    public TokenEstimate EstimateInputTokens(string model, BatchEndpoint endpoint, ReadOnlyMemory<byte> request) =>
        TokenEstimate.FromBytes(request.Length);

    /// <summary>Reads a body of this codec; another's is a broken promise.</summary>
    public SimBody Read(ReadOnlySpan<byte> body)
    {
        var read = JsonSerializer.Deserialize<SimBody>(body)!;
        if (read.Form != form)
            world.Fail($"A body in the form of {read.Form} was handed to {form}.");

        return read;
    }

    public static byte[] Write(SimBody body) => JsonSerializer.SerializeToUtf8Bytes(body);
}
