using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Offpeak.Testing.Gemini;

/// <summary>Pages of Google's lists: an empty list has no key at all, and the token is opaque.</summary>
internal static class Paging
{
    private const int MostPerPage = 1_000;
    private const int DefaultPerPage = 50;

    public static async Task<JsonReply> RenderAsync<T>(
        HttpRequest request, IReadOnlyList<T> all, string name, Func<T, ValueTask<JsonObject>> render)
    {
        var size = int.TryParse(request.Query["pageSize"], out var asked) && asked > 0 ? Math.Min(asked, MostPerPage) : DefaultPerPage;
        var start = int.TryParse(request.Query["pageToken"].ToString().TrimStart('t'), out var token) ? token : 0;
        var page = new JsonObject();
        var items = new JsonArray();
        foreach (var item in all.Skip(start).Take(size))
            items.Add(await render(item));
        if (items.Count > 0)
            page[name] = items;
        if (start + size < all.Count)
            page["nextPageToken"] = $"t{start + size}";
        return new JsonReply(page);
    }
}
