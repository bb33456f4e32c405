namespace Offpeak.Testing;

/// <summary>A fault and how often it has been met.</summary>
internal sealed class ArmedFault(Fault fault)
{
    private int met;

    public Fault Fault { get; } = fault;

    public int Struck { get; private set; }

    public bool NeedsSubject => Fault.WhenStatus is not null || Fault.Batch is not null;

    public bool Matches(EmulatorOperation operation, FaultSubject? subject) =>
        Fault.IsForCalls && Fault.On == operation
        && (Fault.WhenStatus is null || Fault.WhenStatus == subject?.Status)
        && (Fault.Batch is null || Fault.Batch == subject?.Batch);

    public bool Meet()
    {
        met++;
        var strikes = met >= Fault.Nth && (Fault.Times is not { } times || met < Fault.Nth + times);
        if (strikes)
            Struck++;
        return strikes;
    }
}
