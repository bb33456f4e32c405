using Offpeak.Conformance.Suites;
using Offpeak.Conformance.Support;

namespace Offpeak.Conformance.OpenAI;

public static class OpenAIConformance
{
    public sealed class Submit : SubmitSuite<OpenAISubject>;

    public sealed class LostReply : LostReplySuite<OpenAISubject>;

    public sealed class Reconcile : ReconcileSuite<OpenAISubject>;

    public sealed class Poll : PollSuite<OpenAISubject>;

    public sealed class Terminal : TerminalSuite<OpenAISubject>;

    public sealed class Results : ResultsSuite<OpenAISubject>;

    public sealed class Answer : AnswerSuite<OpenAISubject>;

    public sealed class AnswerOfResponses : AnswerSuite<OpenAIResponsesSubject>;

    public sealed class CancelRace : CancelRaceSuite<OpenAISubject>;

    public sealed class CleanUp : CleanUpSuite<OpenAISubject>;

    public sealed class WrongKey : WrongKeySuite<OpenAISubject>;

    public sealed class Fuzz : FuzzSuite<OpenAISubject>;

    public sealed class LineFuzz : LineFuzzSuite<OpenAISubject>;

    [Collection(MemoryCollection.Name)]
    public sealed class Streaming : StreamingSuite<OpenAISubject>;
}
