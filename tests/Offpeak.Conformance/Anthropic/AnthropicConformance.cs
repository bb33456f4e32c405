using Offpeak.Conformance.Suites;
using Offpeak.Conformance.Support;

namespace Offpeak.Conformance.Anthropic;

public static class AnthropicConformance
{
    public sealed class Submit : SubmitSuite<AnthropicSubject>;

    public sealed class LostReply : LostReplySuite<AnthropicSubject>;

    public sealed class Reconcile : ReconcileSuite<AnthropicSubject>;

    public sealed class Poll : PollSuite<AnthropicSubject>;

    public sealed class Terminal : TerminalSuite<AnthropicSubject>;

    public sealed class Results : ResultsSuite<AnthropicSubject>;

    public sealed class Answer : AnswerSuite<AnthropicSubject>;

    public sealed class CancelRace : CancelRaceSuite<AnthropicSubject>;

    public sealed class CleanUp : CleanUpSuite<AnthropicSubject>;

    public sealed class WrongKey : WrongKeySuite<AnthropicSubject>;

    public sealed class Fuzz : FuzzSuite<AnthropicSubject>;

    public sealed class LineFuzz : LineFuzzSuite<AnthropicSubject>;

    [Collection(MemoryCollection.Name)]
    public sealed class Streaming : StreamingSuite<AnthropicSubject>;
}
