using Offpeak.Batches;

namespace Offpeak.Storage;

/// <summary>An answered entry whose conversation goes on.</summary>
/// <param name="EntryId">The entry.</param>
/// <param name="CustomId">The user's id.</param>
/// <param name="Turn">How often it has gone on before: tools have answered its calls, or its model had paused.</param>
/// <param name="Continuation">What has to happen.</param>
/// <param name="Problem">What is wrong with the answer, or null.</param>
/// <param name="Request">The request it answered.</param>
/// <param name="Answer">The answer as it came.</param>
/// <param name="AnswerRetries">How often an answer that does not match its schema was asked again.</param>
/// <param name="OutputRaised">Whether the limit on its output was raised once.</param>
public sealed record EntryTurn(
    long EntryId, string CustomId, int Turn, EntryContinuation Continuation, string? Problem, ReadOnlyMemory<byte> Request, ReadOnlyMemory<byte> Answer,
    int AnswerRetries, bool OutputRaised);
