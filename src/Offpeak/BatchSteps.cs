using Offpeak.Entries;
using Offpeak.Flow;
using Offpeak.Flow.Advance;
using Offpeak.Flow.Submit;
using Offpeak.Hosting;

namespace Offpeak;

/// <summary>The steps behind the door.</summary>
internal sealed record BatchSteps(
    MakeBatch Make,
    AddEntries Add,
    SubmitBatch Submit,
    CheckBudget Budget,
    EstimateCost Estimate,
    ReadEntries Read,
    CancelBatch Cancel,
    RetryBatch Retry,
    ResolveShard Resolve,
    DeleteBatch Delete,
    Func<DriveBatch> Drive,
    PassWork Pass);
