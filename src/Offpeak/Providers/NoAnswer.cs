using Offpeak.Batches;

namespace Offpeak.Providers;

/// <summary>
/// What a result becomes whose model has said no, or whose provider has kept the answer back: the same for every provider. Body and usage
/// stay, because both are paid for.
/// </summary>
public static class NoAnswer
{
    /// <summary>The result of an entry that the model refused to answer.</summary>
    /// <param name="result">The result as it was read.</param>
    /// <param name="explanation">The model's own sentence, free of keys; null if there is none.</param>
    public static ProviderResult AsRefused(this ProviderResult result, string? explanation)
    {
        ArgumentNullException.ThrowIfNull(result);
        return Failed(
            result, FailureCodes.Refused, string.IsNullOrWhiteSpace(explanation) ? "The model refused to answer." : explanation, FinishReasons.Refusal);
    }

    /// <summary>The result of an entry whose prompt or answer the provider has blocked.</summary>
    /// <param name="result">The result as it was read.</param>
    /// <param name="word">The provider's own word for why, free of keys.</param>
    /// <param name="explanation">What it says beside that, free of keys; null if nothing.</param>
    public static ProviderResult AsBlocked(this ProviderResult result, string word, string? explanation = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        var why = $"The provider blocked it: {word}.";
        return Failed(
            result, FailureCodes.ContentFilter, string.IsNullOrWhiteSpace(explanation) ? why : $"{why} {explanation}", FinishReasons.ContentFilter);
    }

    private static ProviderResult Failed(ProviderResult result, string code, string message, string finishReason) => result with
    {
        Kind = ProviderResultKind.Failed,
        ErrorCode = code,
        ErrorMessage = message,
        IsPassing = false,
        IsEmpty = false,
        FinishReason = finishReason,
    };
}
