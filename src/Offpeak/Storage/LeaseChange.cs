namespace Offpeak.Storage;

/// <summary>What a change does to the lease of its row.</summary>
/// <param name="Token">Names this holding of the lease: worker and number; null: nobody holds it from then on.</param>
/// <param name="Duration">How long it holds unless it is renewed, by the store's clock.</param>
/// <param name="DeadOwner">A token whose holder is known to be dead, so that its lease counts as free; null if there is none.</param>
public sealed record LeaseChange(string? Token, TimeSpan Duration = default, string? DeadOwner = null)
{
    /// <summary>Gives the lease back.</summary>
    public static readonly LeaseChange Release = new(Token: null);

    /// <summary>Whether the change fails while anybody holds the lease: true where it is taken, unless by its own holder.</summary>
    public bool RequiresFree { get; init; } = Token is not null;

    /// <summary>
    /// Has the change fail while anybody holds the lease, and takes away one that has run out: its holder may still be there, and would know its
    /// token on a row that has gone on without it.
    /// </summary>
    /// <param name="deadOwner">See <see cref="DeadOwner"/>.</param>
    public static LeaseChange TakeAway(string? deadOwner = null) => new(Token: null, DeadOwner: deadOwner) { RequiresFree = true };
}
