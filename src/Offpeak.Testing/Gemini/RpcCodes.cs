namespace Offpeak.Testing.Gemini;

/// <summary>google.rpc.Code: the numbers inside batches, and the HTTP statuses and words that go with them.</summary>
internal static class RpcCodes
{
    private static readonly (int Code, string Word, int Http)[] All =
    [
        (1, "CANCELLED", 499), (2, "UNKNOWN", 500), (3, "INVALID_ARGUMENT", 400), (4, "DEADLINE_EXCEEDED", 504), (5, "NOT_FOUND", 404),
        (7, "PERMISSION_DENIED", 403), (8, "RESOURCE_EXHAUSTED", 429), (9, "FAILED_PRECONDITION", 400), (13, "INTERNAL", 500),
        (14, "UNAVAILABLE", 503), (16, "UNAUTHENTICATED", 401),
    ];

    public static string WordOfHttp(int statusCode) => statusCode switch
    {
        500 => "INTERNAL",
        _ => All.FirstOrDefault(entry => entry.Http == statusCode).Word ?? (statusCode >= 500 ? "INTERNAL" : "UNKNOWN"),
    };

    public static int OfHttp(int statusCode) => statusCode switch
    {
        0 => 2,
        500 => 13,
        _ => All.FirstOrDefault(entry => entry.Http == statusCode).Code is > 0 and var code ? code : statusCode >= 500 ? 13 : 3,
    };

    /// <summary>The code that a fault names: a number, a word, or a word of OpenAI's that faults use for all providers.</summary>
    public static int Named(string? code, int otherwise) => code switch
    {
        "token_limit_exceeded" => 8,
        "batch_expired" => 4,
        "batch_cancelled" => 1,
        _ when int.TryParse(code, out var number) => number,
        _ => All.FirstOrDefault(entry => entry.Word == code).Code is > 0 and var named ? named : otherwise,
    };
}
