namespace Offpeak.Anthropic.Codec;

/// <summary>Holds what one call of the codec gives to the transport and takes from it.</summary>
internal sealed class AnthropicRecordingSlot
{
    private static readonly AsyncLocal<AnthropicRecordingSlot?> Slot = new();

    /// <summary>The answer to replay, or null for a canned one.</summary>
    public ReadOnlyMemory<byte>? Answer { get; init; }

    public byte[]? Body { get; set; }

    /// <summary>The slot of the call in progress. Without one the transport refuses, so that nothing ever reaches a network.</summary>
    public static AnthropicRecordingSlot? Current
    {
        get => Slot.Value;
        set => Slot.Value = value;
    }
}
