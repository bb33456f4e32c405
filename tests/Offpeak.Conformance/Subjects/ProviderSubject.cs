using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.Testing;

namespace Offpeak.Conformance.Subjects;

/// <summary>What the suites must know about one provider. Everything that is not said here is the same for all of them.</summary>
public abstract class ProviderSubject
{
    /// <summary>The provider's class, for the test that no suite was forgotten.</summary>
    public abstract Type ProviderType { get; }

    /// <summary>The calls of a submit of a few entries, in order.</summary>
    public abstract IReadOnlyList<EmulatorOperation> SubmitFlow { get; }

    /// <summary>The call that brings the bulk of the results.</summary>
    public abstract EmulatorOperation ResultCall { get; }

    /// <summary>Recorded results, by file name.</summary>
    public abstract IReadOnlyList<string> Fixtures { get; }

    /// <summary>What a batch that the provider ends early becomes: one for each end the provider knows.</summary>
    public abstract IReadOnlyList<EarlyEnd> EarlyEnds { get; }

    /// <summary>What a batch becomes when we cancel it.</summary>
    public virtual ProviderBatchState AfterCancel => ProviderBatchState.Canceled;

    /// <summary>Whether a batch that we cancel still holds the answers that were finished before.</summary>
    public virtual bool KeepsAnswersAfterCancel => true;

    /// <summary>Whether counts grow while a batch runs.</summary>
    public virtual bool ReportsProgress => true;

    /// <summary>Whether results are lines, which can be torn one by one; otherwise they come in pages that are whole or nothing.</summary>
    public virtual bool HasResultLines => true;

    /// <summary>Whether a batch whose reply was lost can be told from others while it runs.</summary>
    public virtual bool FindsLostBatches => true;

    /// <summary>Batches that fill more than one page of the provider's list.</summary>
    public virtual int BatchesForTwoPages => 130;

    /// <summary>A status word nobody knows, or null where the provider has no status words.</summary>
    public virtual Fault? UnknownStatus => Fault.UnknownStatus("pondering");

    public virtual string Model => "test-model";

    public virtual BatchEndpoint Endpoint => BatchEndpoint.Chat;

    /// <summary>Most bytes of bodies that one large submission may hold.</summary>
    public virtual long LargeSubmissionBytes => 180_000_000;

    /// <summary>What becomes of an entry that the model refuses.</summary>
    public virtual string RefusedAs => "refused";

    /// <summary>What becomes of an entry whose answer is blocked.</summary>
    public virtual string BlockedAs => "content_filter";

    /// <summary>Whether a request may leave the limit on output tokens to the model.</summary>
    public virtual bool HasOwnLimit => true;

    /// <summary>Whether the model may pause in the middle of its answer.</summary>
    public virtual bool Pauses => false;

    /// <summary>A body that asks for several answers; null where the provider gives one.</summary>
    public virtual byte[]? WithChoices(byte[] body, int count) => With(body, root => root["n"] = count);

    /// <summary>A copy of a body with a change.</summary>
    protected static byte[] With(byte[] body, Action<JsonObject> change)
    {
        var root = JsonNode.Parse(body)!.AsObject();
        change(root);
        return JsonSerializer.SerializeToUtf8Bytes(root);
    }

    /// <summary>A provider that talks to a running emulator.</summary>
    public abstract IBatchProvider Make(EmulatorServer emulator, TimeProvider time, string key);

    /// <summary>A provider whose results are the given bytes, with the state of a batch that has ended.</summary>
    public abstract (IBatchProvider Provider, Journal State) MakeFor(HttpMessageHandler handler);

    /// <summary>What the provider's server answers to a call when the results are these bytes; null says 404.</summary>
    public abstract HttpContent? Answer(HttpRequestMessage request, byte[] results);

    /// <summary>The id that the provider's batch has in Offpeak.</summary>
    public virtual string IdOf(EmulatedBatch batch) => batch.Id;

    public byte[] Body(IBatchProvider provider, string prompt) =>
        provider.Codec.Encode(Model, Endpoint, [new ChatMessage(ChatRole.User, prompt)], new ChatOptions { MaxOutputTokens = 100 });
}
