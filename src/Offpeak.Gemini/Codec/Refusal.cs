namespace Offpeak.Gemini.Codec;

/// <summary>The errors of the codec, which name what cannot be carried and repeat no text.</summary>
internal static class Refusal
{
    public static OffpeakException Setting(string name) =>
        new(OffpeakErrorCode.InvalidInput, $"The setting {name} cannot be sent to Gemini; leave it out or choose another provider.");

    public static OffpeakException Input(string message, Exception? cause = null) => new(OffpeakErrorCode.InvalidInput, message, cause);

    public static OffpeakException Undecodable(string reason, Exception? cause = null) =>
        new(OffpeakErrorCode.Provider, $"{reason}, so it cannot be decoded; its stored body is unchanged.", cause);
}
