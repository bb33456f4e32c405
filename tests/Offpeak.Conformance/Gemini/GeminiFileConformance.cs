using Offpeak.Conformance.Suites;
using Offpeak.Conformance.Support;

namespace Offpeak.Conformance.Gemini;

public static class GeminiFileConformance
{
    public sealed class Submit : SubmitSuite<GeminiFileSubject>;

    public sealed class LostReply : LostReplySuite<GeminiFileSubject>;

    public sealed class Reconcile : ReconcileSuite<GeminiFileSubject>;

    public sealed class Poll : PollSuite<GeminiFileSubject>;

    public sealed class Terminal : TerminalSuite<GeminiFileSubject>;

    public sealed class Results : ResultsSuite<GeminiFileSubject>;

    public sealed class CancelRace : CancelRaceSuite<GeminiFileSubject>;

    public sealed class CleanUp : CleanUpSuite<GeminiFileSubject>;

    public sealed class WrongKey : WrongKeySuite<GeminiFileSubject>;

    public sealed class Fuzz : FuzzSuite<GeminiFileSubject>;

    public sealed class LineFuzz : LineFuzzSuite<GeminiFileSubject>;

    [Collection(MemoryCollection.Name)]
    public sealed class Streaming : StreamingSuite<GeminiFileSubject>;
}
