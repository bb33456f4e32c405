using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Json.Schema;

namespace Offpeak.Policies;

/// <summary>
/// The time, or the steps, and the stack that one check may use. It travels with the options because the library has no other way for it.
/// </summary>
internal sealed class CheckLimits : EvaluationOptions
{
    public static readonly TimeSpan Pattern = TimeSpan.FromMilliseconds(250);
    public static readonly TimeSpan Whole = TimeSpan.FromSeconds(2);

    private const int MostSteps = 300_000;

    private readonly long started = Stopwatch.GetTimestamp();
    private readonly TimeSpan? time;
    private int steps;

    /// <summary>Limits of a check.</summary>
    /// <param name="format">How much it says.</param>
    /// <param name="time">
    /// How long it may take; null limits its steps instead, which are the same on a busy machine. A pattern is a step, however slow it is.
    /// </param>
    public CheckLimits(OutputFormat format, TimeSpan? time)
    {
        OutputFormat = format;
        Culture = CultureInfo.InvariantCulture;
        this.time = time;
    }

    /// <exception cref="TimeoutException">The time is used up.</exception>
    /// <exception cref="InsufficientExecutionStackException">The stack is nearly used up.</exception>
    public static void Spend(EvaluationContext context)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (((CheckLimits)context.Options).IsSpent())
            throw new TimeoutException();
    }

    private bool IsSpent() => time is { } limit ? Stopwatch.GetElapsedTime(started) > limit : ++steps > MostSteps;
}
