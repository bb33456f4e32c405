using System.Text.Json.Nodes;

namespace Offpeak.Testing;

/// <summary>An answer chosen by a test. What is left null is made by the emulator.</summary>
public sealed record EmulatedAnswer
{
    /// <summary>HTTP status of the answer; outside 200–299 the line goes to the error file. Default 200.</summary>
    public int StatusCode { get; init; } = 200;

    /// <summary>The text the model says.</summary>
    public string? Text { get; init; }

    /// <summary>Why the model stopped, in the endpoint's own words, such as <c>length</c>. Default <c>stop</c> or its like.</summary>
    public string? FinishReason { get; init; }

    /// <summary>The whole response body as JSON, taken as it is.</summary>
    public string? Body { get; init; }

    /// <summary>A successful answer with this text.</summary>
    public static EmulatedAnswer Say(string text) => new() { Text = text };

    /// <summary>A refused request, with the provider's error envelope as body.</summary>
    /// <param name="statusCode">A 4xx or 5xx status.</param>
    /// <param name="message">What the provider says.</param>
    /// <param name="code">The provider's error code, if any.</param>
    public static EmulatedAnswer Fail(int statusCode, string message, string? code = null) => new()
    {
        StatusCode = statusCode,
        Body = new JsonObject
        {
            ["error"] = new JsonObject
            {
                ["message"] = message,
                ["type"] = statusCode >= 500 ? "server_error" : "invalid_request_error",
                ["param"] = null,
                ["code"] = code,
            },
        }.ToJsonString(),
    };
}
