using System.Text;

namespace Offpeak.Benchmarks.Bed;

/// <summary>Request and response bodies of the sizes that the bars name, in sets small enough not to be measured themselves.</summary>
internal static class Texts
{
    public const string Model = "gpt-5-nano";

    private const int Variants = 512;

    /// <summary>Responses requests of 2 KB.</summary>
    public static byte[][] Requests { get; } = Make(i => $$"""{"model":"{{Model}}","input":"{{Prose(i, 1_980)}}"}""");

    /// <summary>The prompts in these requests.</summary>
    public static string[] Prompts { get; } = [.. Enumerable.Range(0, Variants).Select(i => Prose(i, 1_900))];

    /// <summary>Responses answers of 1 to 2 KB.</summary>
    public static byte[][] Answers { get; } = Make(i => Answer(Prose(i, 600 + (i % 100 * 10))));

    /// <summary>One request of a size.</summary>
    // Joined: interpolated, it would leave a buffer of this size in a pool.
    public static byte[] RequestOf(int bytes) => Encoding.UTF8.GetBytes("{\"model\":\"" + Model + "\",\"input\":\"" + Prose(1, bytes) + "\"}");

    /// <summary>One answer of a size.</summary>
    public static byte[] AnswerOf(int bytes) => Encoding.UTF8.GetBytes(Answer(Prose(1, bytes)));

    public static string Prose(int seed, int length)
    {
        var random = new Random(seed);
        var text = new StringBuilder(length);
        while (text.Length < length)
        {
            var word = random.Next(3, 9);
            for (var i = 0; i < word && text.Length < length; i++)
                text.Append((char)('a' + random.Next(26)));
            if (text.Length < length)
                text.Append(' ');
        }

        return text.ToString();
    }

    private static byte[][] Make(Func<int, string> text) => [.. Enumerable.Range(0, Variants).Select(i => Encoding.UTF8.GetBytes(text(i)))];

    private static string Answer(string text) =>
        $$$"""
        {"id":"resp_0123456789abcdef","object":"response","created_at":1760000000,"status":"completed","error":null,"incomplete_details":null,
        """.TrimEnd() + $$$"""
        "model":"{{{Model}}}-2025-08-07","output":[{"id":"msg_0123456789abcdef","type":"message","status":"completed","role":"assistant",
        """.TrimEnd() + $$$"""
        "content":[{"type":"output_text","text":"{{{text}}}","annotations":[]}]}],"parallel_tool_calls":true,"temperature":1.0,"tools":[],
        """.TrimEnd() + """
        "usage":{"input_tokens":510,"input_tokens_details":{"cached_tokens":0},"output_tokens":270,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":780}}
        """;
}
