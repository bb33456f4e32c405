namespace Offpeak.Providers;

/// <summary>What a line of results says about its entry.</summary>
public enum ProviderResultKind
{
    /// <summary>The model answered.</summary>
    Succeeded,

    /// <summary>The request was refused or failed.</summary>
    Failed,

    /// <summary>The batch was cancelled before the entry ran.</summary>
    Canceled,

    /// <summary>The window passed before the entry ran.</summary>
    Expired,

    /// <summary>The line could not be read. Only its number and the reason are known.</summary>
    Malformed,
}
