namespace Offpeak;

/// <summary>What a sweep did.</summary>
/// <param name="Found">Rows looked at.</param>
/// <param name="Acted">Rows it did something about.</param>
/// <param name="Failed">Rows whose handling failed; they are tried again at the next run.</param>
public readonly record struct SweepResult(int Found, int Acted, int Failed)
{
    /// <summary>Adds two results.</summary>
    public static SweepResult operator +(SweepResult left, SweepResult right) => Add(left, right);

    /// <summary>Adds two results.</summary>
    public static SweepResult Add(SweepResult left, SweepResult right) =>
        new(left.Found + right.Found, left.Acted + right.Acted, left.Failed + right.Failed);
}
