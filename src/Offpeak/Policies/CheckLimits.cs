using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Json.Schema;

namespace Offpeak.Policies;

/// <summary>The time and the stack that one check may use. It travels with the options because the library has no other way for it.</summary>
internal sealed class CheckLimits : EvaluationOptions
{
    public static readonly TimeSpan Pattern = TimeSpan.FromMilliseconds(250);
    public static readonly TimeSpan Whole = TimeSpan.FromSeconds(2);

    private readonly long started = Stopwatch.GetTimestamp();

    public CheckLimits(OutputFormat format)
    {
        OutputFormat = format;
        Culture = CultureInfo.InvariantCulture;
    }

    /// <exception cref="TimeoutException">The time is used up.</exception>
    /// <exception cref="InsufficientExecutionStackException">The stack is nearly used up.</exception>
    public static void Spend(EvaluationContext context)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (Stopwatch.GetElapsedTime(((CheckLimits)context.Options).started) > Whole)
            throw new TimeoutException();
    }
}
