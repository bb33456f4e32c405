using System.Text;
using System.Text.Json;
using CsCheck;
using Offpeak.Gemini.Wire;

namespace Offpeak.Gemini.Tests.Wire;

public class OperationSplitterTests
{
    private const string Nasty = """
        {"a":"inlinedResponses","metadata":{"x":["[",{"inlinedResponses":null}],"output":{"inlinedResponses":{"inlinedResponses":
        [ {"a":"\"]}\\","b":[{},[1,2]],"inlinedResponses":[{"deep":1}]} , 7,null,"s]\",", [ "x" ],{} ] }}},"y":"\\\"[","response":{"inlinedResponses":{"inlinedResponses":[{"again":1}]}}}
        """;

    private static readonly string[] Items =
        ["""{"a":"\"]}\\","b":[{},[1,2]],"inlinedResponses":[{"deep":1}]}""", "7", "null", "\"s]\\\",\"", "[ \"x\" ]", "{}"];

    [Fact]
    public void Results_come_whole_for_any_size_of_pieces()
    {
        for (var size = 1; size < Nasty.Length + 1; size++)
        {
            var (items, parts) = Split(Nasty, size);
            Assert.Equal(Items, items);
            Assert.True(parts.IsWhole);
            Assert.True(parts.ListIsComplete);
            using var envelope = JsonDocument.Parse(parts.Envelope);
            Assert.Equal(0, envelope.RootElement.GetProperty("response").GetProperty("inlinedResponses").GetProperty("inlinedResponses").GetArrayLength());
        }
    }

    [Fact]
    public void A_list_between_others_is_found_again_in_random_documents() => Gen.Select(Gen.String.Array[0, 6], Gen.Int[1, 40]).Sample((texts, size) =>
    {
        var expected = texts.Select(text => JsonSerializer.Serialize(new Dictionary<string, string> { [text] = text })).ToArray();
        var json = $$"""{"{{"k"}}":{{JsonSerializer.Serialize(texts)}},"inlinedResponses":[{{string.Join(" , ", expected)}}],"z":1}""";
        var (items, parts) = Split(json, size);
        Assert.Equal(expected, items);
        Assert.True(parts.IsWhole);
    });

    [Fact]
    public void Any_bytes_come_to_an_end() => Gen.Select(Gen.OneOf(Gen.Char["{}[],:\"\\ inl"], Gen.Const('e')).Array[0, 60], Gen.Int[1, 9]).Sample((noise, size) =>
    {
        Split("{\"inlinedResponses\":[" + new string(noise), size);
        Split(new string(noise), size);
    });

    [Fact]
    public void A_document_cut_anywhere_is_not_whole()
    {
        for (var length = 1; length < Nasty.TrimEnd().Length; length++)
            Assert.False(Split(Nasty[..length], 16).Parts.IsWhole);
    }

    [Fact]
    public void Results_that_are_not_wanted_are_passed_over()
    {
        var parts = new OperationSplitter(1_000, keepItems: false);
        var at = 0;
        Assert.False(parts.Next(Encoding.UTF8.GetBytes(Nasty), ref at));
        Assert.True(parts is { IsWhole: true, HasList: true, Item.Length: 0 });
    }

    private static (List<string> Items, OperationSplitter Parts) Split(string json, int size)
    {
        var parts = new OperationSplitter(1_000, keepItems: true);
        var items = new List<string>();
        foreach (var piece in Encoding.UTF8.GetBytes(json).Chunk(size))
        {
            var at = 0;
            while (parts.Next(piece, ref at))
                items.Add(Encoding.UTF8.GetString(parts.Item.Span));
            Assert.Equal(piece.Length, at);
        }

        return (items, parts);
    }
}
