using System.Security.Cryptography;

namespace Offpeak.Providers;

/// <summary>
/// Unique text made before the create call and carried in the provider's batch and input file name, so that a batch whose reply was lost
/// can be found again. At most 40 characters of <c>[a-z0-9-]</c>.
/// </summary>
/// <param name="Value">The text.</param>
public readonly record struct SubmissionKey(string Value)
{
    /// <summary>The metadata key under which providers with batch metadata carry the submission key.</summary>
    public const string MetadataName = "offpeak_submission_key";

    private const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

    /// <summary>Makes a new key of 100 random bits.</summary>
    public static SubmissionKey New() => new("op-" + RandomNumberGenerator.GetString(Alphabet, 20));

    /// <summary>The custom id sent to the provider for an entry: within <c>[a-zA-Z0-9_-]{1,64}</c>, unique across batches.</summary>
    public string WireId(long entryId) => $"{Value}-{entryId}";

    /// <summary>Reads the entry id out of a wire id; false if the wire id was not made from this key.</summary>
    public bool TryReadEntryId(ReadOnlySpan<char> wireId, out long entryId)
    {
        entryId = 0;
        return wireId.StartsWith(Value, StringComparison.Ordinal)
            && wireId.Length > Value.Length + 1
            && wireId[Value.Length] == '-'
            && long.TryParse(wireId[(Value.Length + 1)..], System.Globalization.NumberStyles.None, null, out entryId);
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
