using Offpeak.Kit.Http;

namespace Offpeak.Anthropic.Wire;

/// <summary>The body of the create call, one JSON document with all entries (Anthropic API reference, Message Batches, Create).</summary>
internal static class CreateFormat
{
    public static readonly EntryFormat Value = new()
    {
        Head = [.. "{\"requests\":["u8],
        Open = [.. "{\"custom_id\":\""u8],
        Middle = [.. "\",\"params\":"u8],
        Close = [.. "}"u8],
        Separator = [.. ","u8],
        Tail = [.. "]}"u8],
        ContentType = "application/json",
    };
}
