using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Offpeak.Testing.Compatible;

/// <summary>A page of a list, cut by <c>limit</c> and <c>after</c>.</summary>
internal static class OpenAIList
{
    /// <summary>The wanted page size, or null when it is out of bounds.</summary>
    public static int? Limit(HttpRequest request, int fallback, int most)
    {
        var text = request.Query["limit"].ToString();
        if (text.Length == 0)
            return fallback;
        return int.TryParse(text, out var limit) && limit >= 1 && limit <= most ? limit : null;
    }

    public static Reply InvalidLimit(int most) => OpenAIRefusals.Invalid("limit", $"Invalid 'limit': expected a value from 1 to {most}.");

    /// <summary>What follows the <c>after</c> id; all when there is none, null when the id is unknown.</summary>
    public static IReadOnlyList<T>? After<T>(HttpRequest request, IReadOnlyList<T> all, Func<T, string> idOf)
    {
        var after = request.Query["after"].ToString();
        if (after.Length == 0)
            return all;
        var index = all.Select(idOf).ToList().IndexOf(after);
        return index < 0 ? null : [.. all.Skip(index + 1)];
    }

    public static Reply InvalidAfter(HttpRequest request) =>
        OpenAIRefusals.Invalid("after", $"Invalid 'after': nothing found with id '{request.Query["after"]}'.");

    public static Reply Render(IReadOnlyList<JsonObject> page, bool hasMore, ListWrapper wrapper)
    {
        var items = new JsonArray([.. page]);
        return new JsonReply(wrapper switch
        {
            ListWrapper.BareArray => items,
            ListWrapper.Value => new JsonObject { ["value"] = items },
            _ => new JsonObject
            {
                ["object"] = "list",
                ["data"] = items,
                ["first_id"] = page.Count > 0 ? (string?)page[0]["id"] : null,
                ["last_id"] = page.Count > 0 ? (string?)page[^1]["id"] : null,
                ["has_more"] = hasMore,
            },
        });
    }
}
