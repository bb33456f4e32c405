namespace Offpeak.Providers;

/// <summary>A provider call failed. The message is one sentence for a person and holds no key, prompt or response.</summary>
public sealed class ProviderException : OffpeakException
{
    /// <summary>Makes an error of a class.</summary>
    public ProviderException(ProviderErrorClass errorClass, string message, Exception? innerException = null)
        : base(OffpeakErrorCode.Provider, message, innerException) => Class = errorClass;

    /// <summary>What kind of failure it is, and so what the engine does next.</summary>
    public ProviderErrorClass Class { get; }

    /// <summary>HTTP status, or null if there was no answer.</summary>
    public int? StatusCode { get; init; }

    /// <summary>The provider's own error code, if any.</summary>
    public string? ProviderCode { get; init; }

    /// <summary>The wait the provider asked for, if any.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
