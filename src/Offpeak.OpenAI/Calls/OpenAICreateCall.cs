using Offpeak.Kit.Http;
using Offpeak.OpenAI.Dialects;
using Offpeak.OpenAI.Wire;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Calls;

/// <summary>The one call that costs money. It is sent once, and whatever comes back says whether a batch can exist.</summary>
internal sealed class OpenAICreateCall(ProviderHttp http, Dialect dialect)
{
    public async Task<ProviderReceipt> SendAsync(Submission submission, string inputFileId, CancellationToken cancellationToken)
    {
        using var request = http.NewRequest(HttpMethod.Post, dialect.Profile.BatchesPath, OpenAICreateBody.Make(dialect, submission, inputFileId));
        await submission.BeginCreateAsync(cancellationToken);
        return ReceiptOf(await http.CreateAsync(request, dialect.Options.CreateTimeout, cancellationToken));
    }

    /// <summary>Sends the entries in the create call itself; a silence ends it, not its length.</summary>
    public async Task<ProviderReceipt> SendInlineAsync(Submission submission, CancellationToken cancellationToken)
    {
        using var limit = http.NewTransferLimit(cancellationToken);
        using var content = new EntryContent(submission, InlineBatchFormat.For(dialect, submission), limit.Renew);
        using var request = http.NewRequest(HttpMethod.Post, dialect.Profile.BatchesPath, content);
        await submission.BeginCreateAsync(cancellationToken);
        return ReceiptOf(await http.CreateAsync(request, limit, cancellationToken));
    }

    private ProviderReceipt ReceiptOf(WireReply reply) => OpenAIBatch.Parse(reply.Body) is { Id: { } id } batch
        ? new ProviderReceipt(id, new ProviderStatus(batch.Status), reply.RetryAfter)
        : throw http.Errors.Unclear("gave an answer that cannot be read");
}
