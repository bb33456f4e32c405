using Offpeak.Conformance.Suites;
using Offpeak.Conformance.Support;

namespace Offpeak.Conformance.XAI;

/// <summary>Results come in the same pages however the requests were sent, so they are not fuzzed a second time.</summary>
public static class XAIFileConformance
{
    public sealed class Submit : SubmitSuite<XAIFileSubject>;

    public sealed class LostReply : LostReplySuite<XAIFileSubject>;

    public sealed class Reconcile : ReconcileSuite<XAIFileSubject>;

    public sealed class Poll : PollSuite<XAIFileSubject>;

    public sealed class Terminal : TerminalSuite<XAIFileSubject>;

    public sealed class Results : ResultsSuite<XAIFileSubject>;

    public sealed class CancelRace : CancelRaceSuite<XAIFileSubject>;

    public sealed class CleanUp : CleanUpSuite<XAIFileSubject>;

    public sealed class WrongKey : WrongKeySuite<XAIFileSubject>;

    [Collection(MemoryCollection.Name)]
    public sealed class Streaming : StreamingSuite<XAIFileSubject>;
}
