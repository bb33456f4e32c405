namespace Offpeak.Providers;

/// <summary>The states of a provider's batch that matter to the engine.</summary>
public enum ProviderBatchState
{
    /// <summary>The provider works on it, or says something we do not know.</summary>
    Running,

    /// <summary>Every entry was tried; results can be read.</summary>
    Ended,

    /// <summary>Cancelled; results of entries that were finished before can be read.</summary>
    Canceled,

    /// <summary>The provider's window passed; results of entries that were finished before can be read if the provider keeps them.</summary>
    Expired,

    /// <summary>Refused as a whole. <see cref="ProviderSnapshot.Failure"/> says why.</summary>
    Failed,
}
