namespace Offpeak;

/// <summary>Misuse or a fault that the caller can act on. The message is one clear sentence that says what to do.</summary>
public class OffpeakException : Exception
{
    /// <summary>Makes an error with a code.</summary>
    public OffpeakException(OffpeakErrorCode code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>What went wrong, for programs.</summary>
    public OffpeakErrorCode Code { get; }
}
