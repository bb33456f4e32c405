using Offpeak.Conformance.Suites;
using Offpeak.Conformance.Support;

namespace Offpeak.Conformance.Gemini;

public static class GeminiConformance
{
    public sealed class Submit : SubmitSuite<GeminiSubject>;

    public sealed class LostReply : LostReplySuite<GeminiSubject>;

    public sealed class Reconcile : ReconcileSuite<GeminiSubject>;

    public sealed class Poll : PollSuite<GeminiSubject>;

    public sealed class Terminal : TerminalSuite<GeminiSubject>;

    public sealed class Results : ResultsSuite<GeminiSubject>;

    public sealed class Answer : AnswerSuite<GeminiSubject>;

    public sealed class CancelRace : CancelRaceSuite<GeminiSubject>;

    public sealed class CleanUp : CleanUpSuite<GeminiSubject>;

    public sealed class WrongKey : WrongKeySuite<GeminiSubject>;

    public sealed class Fuzz : FuzzSuite<GeminiSubject>;

    [Collection(MemoryCollection.Name)]
    public sealed class Streaming : StreamingSuite<GeminiSubject>;
}
