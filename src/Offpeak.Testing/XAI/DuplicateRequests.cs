namespace Offpeak.Testing;

/// <summary>What becomes of a request that is added to a batch a second time.</summary>
public enum DuplicateRequests
{
    /// <summary>The call succeeds and the request is left out.</summary>
    Ignore,

    /// <summary>The request runs a second time and has two results.</summary>
    SecondCopy,

    /// <summary>The call is refused with 400 and adds nothing.</summary>
    Refuse,
}
