namespace Offpeak.OpenAI.Codec;

/// <summary>Holds what one encoding call gives to the transport and takes from it.</summary>
internal sealed class OpenAIRecordingSlot
{
    private static readonly AsyncLocal<OpenAIRecordingSlot?> Slot = new();

    public byte[]? Body { get; set; }

    /// <summary>The slot of the encoding call in progress. Without one the transport refuses, so that nothing ever reaches a network.</summary>
    public static OpenAIRecordingSlot? Current
    {
        get => Slot.Value;
        set => Slot.Value = value;
    }
}
