using Offpeak.Conformance.Suites;
using Offpeak.Conformance.Support;

namespace Offpeak.Conformance.XAI;

public static class XAIConformance
{
    public sealed class Submit : SubmitSuite<XAISubject>;

    public sealed class LostReply : LostReplySuite<XAISubject>;

    public sealed class Reconcile : ReconcileSuite<XAISubject>;

    public sealed class Poll : PollSuite<XAISubject>;

    public sealed class Terminal : TerminalSuite<XAISubject>;

    public sealed class Results : ResultsSuite<XAISubject>;

    public sealed class Answer : AnswerSuite<XAISubject>;

    public sealed class AnswerOfResponses : AnswerSuite<XAIResponsesSubject>;

    public sealed class CancelRace : CancelRaceSuite<XAISubject>;

    public sealed class CleanUp : CleanUpSuite<XAISubject>;

    public sealed class WrongKey : WrongKeySuite<XAISubject>;

    public sealed class Fuzz : FuzzSuite<XAISubject>;

    [Collection(MemoryCollection.Name)]
    public sealed class Streaming : StreamingSuite<XAILargeSubject>;
}
