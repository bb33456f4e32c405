namespace Offpeak.Storage;

/// <summary>What a change does to the lease of its row.</summary>
/// <param name="Token">Names this holding of the lease: worker and number; null gives the lease back.</param>
/// <param name="Duration">How long it holds unless it is renewed, by the store's clock.</param>
/// <param name="DeadOwner">A token whose holder is known to be dead, so that its lease counts as free; null if there is none.</param>
public sealed record LeaseChange(string? Token, TimeSpan Duration = default, string? DeadOwner = null)
{
    /// <summary>Gives the lease back.</summary>
    public static readonly LeaseChange Release = new(Token: null);
}
