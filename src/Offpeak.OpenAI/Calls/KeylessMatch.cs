using System.Text.Json;
using Offpeak.Kit.Http;
using Offpeak.Kit.Json;
using Offpeak.OpenAI.Dialects;
using Offpeak.OpenAI.Wire;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Calls;

/// <summary>
/// Tells whose a batch is by the custom ids in its results, where it carries nothing else. As long as a batch that may be ours runs,
/// nobody can tell.
/// </summary>
internal sealed class KeylessMatch(ProviderHttp http, Dialect dialect, SubmissionKey key)
{
    private const string Action = "look whose a batch is";

    public async Task<FindResult> AmongAsync(IReadOnlyList<string> candidates, FindResult otherwise, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        var unsure = false;
        foreach (var id in candidates)
        {
            var isOurs = await IsOursAsync(id, cancellationToken);
            if (isOurs == true)
                found.Add(id);
            unsure |= isOurs is null;
        }

        return found.Count > 0 ? FindResult.Found(found, mayBeMore: unsure) : unsure ? FindResult.Unknown : otherwise;
    }

    /// <summary>Null while there are no results to tell by.</summary>
    private async Task<bool?> IsOursAsync(string id, CancellationToken cancellationToken)
    {
        var items = new ItemDownload(http, dialect.Profile.InlineResults!, dialect.Options.MaxResultLineBytes);
        await foreach (var item in items.ReadAsync(dialect.PathOf(id), Action, cancellationToken))
        {
            if (WireIdOf(item) is { } wireId)
                return key.TryReadEntryId(wireId, out _);
        }
        // A failed batch ran nothing, so a second one is no double.
        var state = StatusWords.Read(OpenAIBatch.Parse(items.Frame)?.Status).State;
        return state == ProviderBatchState.Failed ? false : null;
    }

    private static string? WireIdOf(ReadOnlyMemory<byte> item)
    {
        try
        {
            using var document = JsonDocument.Parse(item);
            return document.RootElement.Text("custom_id");
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
