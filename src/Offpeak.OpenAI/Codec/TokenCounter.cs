using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.ML.Tokenizers;
using Offpeak.Codec;
using Offpeak.Kit.Json;

namespace Offpeak.OpenAI.Codec;

/// <summary>
/// Counts the input tokens of a request with the tokenizer of its model. What the tokenizer cannot know, such as how many tokens an image
/// takes, makes the count an estimate.
/// </summary>
internal static class TokenCounter
{
    // The OpenAI Cookbook, "How to count tokens with tiktoken": each message has three more, and so has the answer's beginning.
    private const int TokensPerMessage = 3;
    private const int TokensOfAnswer = 3;

    // The tokenizer needs time by the square of a word's length, and a row may be one word: dashes, base64, DNA.
    private const int LongestPart = 512;

    public static TokenEstimate Count(string model, ReadOnlyMemory<byte> request)
    {
        if (EncodingOf(model) is not { } encoding)
            return TokenEstimate.FromBytes(request.Length);
        try
        {
            using var document = JsonDocument.Parse(request, new JsonDocumentOptions { MaxDepth = 1_100 });
            var count = new Counting(Loaded.Get(encoding));
            count.AddRequest(document.RootElement);
            return new TokenEstimate(count.Tokens, encoding, count.IsWhole);
        }
        catch (JsonException)
        {
            return TokenEstimate.FromBytes(request.Length);
        }
    }

    /// <summary>The encodings that OpenAI's models use (tiktoken, model.py); null for models that are not OpenAI's.</summary>
    private static string? EncodingOf(string model) => model switch
    {
        _ when StartsWith(model, "gpt-5", "gpt-4.1", "gpt-4.5", "gpt-4o", "chatgpt-4o", "o1", "o3", "o4") => "o200k_base",
        _ when StartsWith(model, "gpt-4", "gpt-3.5", "text-embedding-3", "text-embedding-ada-002") => "cl100k_base",
        _ => null,
    };

    private static bool StartsWith(string model, params ReadOnlySpan<string> beginnings)
    {
        foreach (var beginning in beginnings)
        {
            if (model.StartsWith(beginning, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    /// <summary>Megabytes of vocabulary, so they are touched only when something is counted with them.</summary>
    private static class Loaded
    {
        private static readonly ConcurrentDictionary<string, TiktokenTokenizer> Tokenizers = new(StringComparer.Ordinal);

        public static TiktokenTokenizer Get(string encoding) => Tokenizers.GetOrAdd(encoding, static name => TiktokenTokenizer.CreateForEncoding(name));
    }

    private sealed class Counting(TiktokenTokenizer tokenizer)
    {
        public long Tokens { get; private set; }

        public bool IsWhole { get; private set; } = true;

        public void AddRequest(JsonElement body)
        {
            AddInput(body.Child("messages"));
            AddInput(body.Child("input"));
            if (body.Child("instructions") is { } instructions)
                AddMessage(instructions);
            // Tools and schemas are put before the model in a form of its own, which is about as long as their JSON.
            foreach (var name in (string[])["tools", "response_format", "text"])
            {
                if (body.Child(name) is { } described)
                    AddText(described.GetRawText());
            }
        }

        private void AddInput(JsonElement? input)
        {
            if (input is not { } given)
                return;
            Tokens += TokensOfAnswer;
            if (given.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in given.EnumerateArray())
                    AddMessage(item);
            }
            else
                AddMessage(given);
        }

        private void AddMessage(JsonElement message)
        {
            Tokens += TokensPerMessage;
            if (message.ValueKind != JsonValueKind.Object)
                AddContent(message);
            else
            {
                AddText(message.Text("role"));
                foreach (var name in (string[])["content", "output", "arguments", "tool_calls", "name"])
                    AddContent(message.Child(name) ?? default);
            }
        }

        private void AddContent(JsonElement content)
        {
            if (content.ValueKind == JsonValueKind.Array)
            {
                foreach (var part in content.EnumerateArray())
                    AddPart(part);
            }
            else
                AddText(content.ValueKind == JsonValueKind.Undefined ? null : content.AsText());
        }

        private void AddPart(JsonElement part)
        {
            if (part.ValueKind == JsonValueKind.Object && part.Text("type") is "image_url" or "input_image" or "input_audio" or "input_file" or "file")
                IsWhole = false;
            else if (part.ValueKind == JsonValueKind.Object && part.Text("text") is { } text)
                AddText(text);
            else
                AddText(part.GetRawText());
        }

        private void AddText(string? text)
        {
            for (var rest = text.AsSpan(); rest.Length > 0;)
            {
                var part = rest[..PartLength(rest)];
                Tokens += tokenizer.CountTokens(part);
                rest = rest[part.Length..];
            }
        }

        // Between a word and the blank before the next the tokenizer parts by itself. Where there is none a token more is counted than there is.
        private static int PartLength(ReadOnlySpan<char> text)
        {
            if (text.Length <= LongestPart)
                return text.Length;

            for (var end = LongestPart; end > 0; end--)
            {
                if (text[end] == ' ' && char.IsLetterOrDigit(text[end - 1]))
                    return end;
            }

            return char.IsHighSurrogate(text[LongestPart - 1]) ? LongestPart - 1 : LongestPart;
        }
    }
}
