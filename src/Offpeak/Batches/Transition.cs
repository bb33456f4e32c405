namespace Offpeak.Batches;

/// <summary>One allowed move.</summary>
/// <param name="From">Status before.</param>
/// <param name="Event">Cause.</param>
/// <param name="To">Status after.</param>
/// <param name="Who">Which step or sweep makes the move, and when; drawn into the state diagram.</param>
internal sealed record Transition<TStatus, TEvent>(TStatus From, TEvent Event, TStatus To, string Who)
    where TStatus : struct, Enum
    where TEvent : struct, Enum;
