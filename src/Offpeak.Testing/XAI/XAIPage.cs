using Microsoft.AspNetCore.Http;

namespace Offpeak.Testing.XAI;

/// <summary>A page of a list, cut by <c>limit</c> and <c>pagination_token</c>.</summary>
/// <param name="Start">Index of its first item.</param>
/// <param name="Count">Items in it.</param>
/// <param name="NextToken">Names the next page; null on the last.</param>
internal readonly record struct XAIPage(int Start, int Count, string? NextToken)
{
    private const int DefaultLimit = 100;
    private const int MostPerPage = 1_000;
    private const string Prefix = "page-";

    /// <summary>The page that a call wants; null when it is not one.</summary>
    public static XAIPage? Of(HttpRequest request, int total)
    {
        var limit = request.Query["limit"].ToString() is { Length: > 0 } text ? int.TryParse(text, out var wanted) ? wanted : 0 : DefaultLimit;
        var token = request.Query["pagination_token"].ToString();
        var start = 0;
        if (token.Length > 0 && (!token.StartsWith(Prefix, StringComparison.Ordinal) || !int.TryParse(token[Prefix.Length..], out start)))
            return null;
        if (limit is < 1 or > MostPerPage || start > total)
            return null;
        var count = Math.Min(limit, total - start);
        return new XAIPage(start, count, start + count < total ? $"{Prefix}{start + count}" : null);
    }

    public static Reply Refuse() => XAIRefusals.Reply(400, $"limit must be from 1 to {MostPerPage}, and pagination_token one that was given.");
}
