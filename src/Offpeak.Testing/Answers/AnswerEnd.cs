namespace Offpeak.Testing;

/// <summary>How an answer ends.</summary>
internal enum AnswerEnd
{
    Said,
    Refused,
    Blocked,
    CutOff,
    Paused,
}
