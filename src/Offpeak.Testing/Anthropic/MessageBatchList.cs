using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Offpeak.Testing.Anthropic;

/// <summary>A page of the list of batches, cut by <c>limit</c>, <c>after_id</c> and <c>before_id</c>; newest first.</summary>
internal sealed record MessageBatchList(IReadOnlyList<BatchRecord> Items, bool HasMore, Reply? Refusal = null)
{
    private const int DefaultPerPage = 20;
    private const int MostPerPage = 1_000;

    public static MessageBatchList Read(HttpRequest request, IReadOnlyList<BatchRecord> all)
    {
        var (after, before) = (request.Query["after_id"].ToString(), request.Query["before_id"].ToString());
        var text = request.Query["limit"].ToString();
        var limit = text.Length == 0 ? DefaultPerPage : int.TryParse(text, out var wanted) ? wanted : 0;
        if (limit is < 1 or > MostPerPage)
            return Refuse($"limit: expected a value from 1 to {MostPerPage}");
        if (after.Length > 0 && before.Length > 0)
            return Refuse("after_id and before_id cannot be used together");
        if (before.Length > 0)
            return Place(all, before) is var end && end < 0 ? Refuse("before_id: no such batch") : Before(all, end, limit);
        var start = after.Length == 0 ? 0 : Place(all, after) + 1;
        return after.Length > 0 && start == 0
            ? Refuse("after_id: no such batch")
            : new([.. all.Skip(start).Take(limit)], all.Count > start + limit);
    }

    public Reply Render(IReadOnlyList<JsonObject> items) => new JsonReply(new JsonObject
    {
        ["data"] = new JsonArray([.. items]),
        ["has_more"] = HasMore,
        ["first_id"] = items.Count > 0 ? (string?)items[0]["id"] : null,
        ["last_id"] = items.Count > 0 ? (string?)items[^1]["id"] : null,
    });

    private static MessageBatchList Before(IReadOnlyList<BatchRecord> all, int end, int limit) =>
        new([.. all.Take(end).TakeLast(limit)], end > limit);

    private static int Place(IReadOnlyList<BatchRecord> all, string id) => all.Select(batch => batch.Id).ToList().IndexOf(id);

    private static MessageBatchList Refuse(string message) => new([], false, AnthropicRefusals.Reply(400, message));
}
