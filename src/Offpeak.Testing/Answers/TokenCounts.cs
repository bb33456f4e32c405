namespace Offpeak.Testing;

internal readonly record struct TokenCounts(long Input, long Output)
{
    public long Total => Input + Output;

    public static TokenCounts operator +(TokenCounts left, TokenCounts right) => new(left.Input + right.Input, left.Output + right.Output);

    /// <summary>A token is about four characters of English, the rule of thumb that providers publish.</summary>
    public static int Estimate(int characters) => Math.Max(1, (characters + 3) / 4);
}
