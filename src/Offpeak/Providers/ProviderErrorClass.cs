namespace Offpeak.Providers;

/// <summary>What kind of failure a provider call met. Backed by text, so that a provider package may add its own.</summary>
/// <param name="Value">The text.</param>
public readonly record struct ProviderErrorClass(string Value)
{
    /// <summary>Will pass by itself: network trouble, 408, 5xx. Tried again on the schedule, not reported.</summary>
    public static readonly ProviderErrorClass Transient = new("transient");

    /// <summary>Too many calls (429). Tried again on the schedule, not before Retry-After, not reported.</summary>
    public static readonly ProviderErrorClass RateLimited = new("rate_limited");

    /// <summary>The account's queue is full. The shard waits and is submitted again.</summary>
    public static readonly ProviderErrorClass Capacity = new("capacity");

    /// <summary>The key was refused (401, 403). Work pauses with a reason until the key works again.</summary>
    public static readonly ProviderErrorClass Unauthorized = new("unauthorized");

    /// <summary>The provider does not know the batch or file (404), which may pass; never taken as a failure of the batch.</summary>
    public static readonly ProviderErrorClass NotFound = new("not_found");

    /// <summary>The provider refused the request for good.</summary>
    public static readonly ProviderErrorClass Refused = new("refused");

    /// <summary>A create call may or may not have reached the provider.</summary>
    public static readonly ProviderErrorClass OutcomeUnknown = new("outcome_unknown");

    /// <summary>The server could not be reached at all, or its address leads to something else; nothing was sent.</summary>
    public static readonly ProviderErrorClass Unreachable = new("unreachable");

    /// <summary>An answer that cannot be understood.</summary>
    public static readonly ProviderErrorClass Unexpected = new("unexpected");

    /// <summary>The shard was made with another key than the present one: what is not found proves nothing.</summary>
    public static readonly ProviderErrorClass OtherKey = new("other_key");

    /// <summary>No provider of this name is registered in the process that tried.</summary>
    public static readonly ProviderErrorClass Unregistered = new("unregistered");

    /// <summary>The batch's budget is reserved by other shards for now.</summary>
    public static readonly ProviderErrorClass Budget = new("budget");

    /// <summary>Something of our own failed, not the provider.</summary>
    public static readonly ProviderErrorClass Fault = new("fault");

    /// <summary>Whether waiting is the cure, so that nobody needs to be told.</summary>
    public bool IsPassing => this == Transient || this == RateLimited || this == Capacity || this == Unreachable || this == Budget;

    /// <inheritdoc/>
    public override string ToString() => Value ?? "";
}
