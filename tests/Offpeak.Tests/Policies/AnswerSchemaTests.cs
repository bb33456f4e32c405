using System.Diagnostics;
using System.Text.Json;
using CsCheck;
using Offpeak.Policies;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Policies;

public sealed class AnswerSchemaTests
{
    private const string OfSize = """{"type":"object","properties":{"size":{"type":"integer"}},"required":["size"],"additionalProperties":false}""";

    [Theory]
    [InlineData("""{"const":{"a":1}}""", """{"a":1.0}""", """{"a":2}""")]
    [InlineData("""{"const":null}""", "null", "0")]
    [InlineData("""{"const":false}""", "false", "0")]
    [InlineData("""{"enum":[1,"1",null,[2]]}""", "[2]", "2")]
    [InlineData("""{"enum":[1e300]}""", "1e300", "1e299")]
    [InlineData("""{"prefixItems":[{"type":"string"},{"type":"integer"}],"items":false}""", """["a",1]""", """["a",1,2]""")]
    [InlineData("""{"prefixItems":[{"type":"string"}],"items":{"type":"integer"}}""", """["a",1,2]""", """["a",1,"b"]""")]
    [InlineData("""{"if":{"properties":{"k":{"const":"a"}}},"then":{"required":["x"]},"else":{"required":["y"]}}""", """{"k":"a","x":1}""", """{"k":"b","x":1}""")]
    [InlineData("""{"contains":{"type":"string"}}""", """[1,"a"]""", "[1]")]
    [InlineData("""{"contains":{"type":"string"},"minContains":2}""", """["a","b"]""", """["a",1]""")]
    [InlineData("""{"contains":{"type":"string"},"maxContains":1}""", """["a",1]""", """["a","b"]""")]
    [InlineData("""{"contains":{"type":"string"},"minContains":0}""", "[]", null)]
    [InlineData("""{"dependentRequired":{"a":["b"]}}""", """{"a":1,"b":1}""", """{"a":1}""")]
    [InlineData("""{"dependentSchemas":{"a":{"required":["b"]}}}""", """{"b":1}""", """{"a":1}""")]
    [InlineData("""{"propertyNames":{"pattern":"^[a-z]+$"}}""", """{"ab":1}""", """{"A":1}""")]
    [InlineData("""{"allOf":[{"properties":{"a":true}}],"unevaluatedProperties":false}""", """{"a":1}""", """{"a":1,"b":1}""")]
    [InlineData("""{"allOf":[{"prefixItems":[true]}],"unevaluatedItems":false}""", "[1]", "[1,2]")]
    [InlineData("true", "[1]", null)]
    [InlineData("false", null, "1")]
    [InlineData("""{"properties":{"a":false}}""", "{}", """{"a":1}""")]
    [InlineData("""{"type":"integer"}""", "1.0", "1.5")]
    [InlineData("""{"type":"integer"}""", "1e3", "\"1\"")]
    [InlineData("""{"type":"integer"}""", "123456789012345678901234567890", "true")]
    [InlineData("""{"type":["string","null"]}""", "null", "1")]
    [InlineData("""{"maxLength":1}""", "\"\U0001F600\"", "\"ab\"")]
    [InlineData("""{"minLength":2}""", "\"ab\"", "\"\U0001F600\"")]
    [InlineData("""{"multipleOf":0.01}""", "19.99", "19.999")]
    [InlineData("""{"multipleOf":5}""", "1e300", "3e-300")]
    [InlineData("""{"minimum":0,"exclusiveMaximum":10}""", "9.99", "10")]
    [InlineData("""{"uniqueItems":true}""", """[1,"1",{"a":1,"b":2},1e300]""", """[{"a":1,"b":2},{"b":2,"a":1.0}]""")]
    [InlineData("""{"minProperties":1,"maxProperties":2}""", """{"a":1}""", "{}")]
    [InlineData("""{"minItems":1,"maxItems":2}""", "[1]", "[]")]
    [InlineData("""{"patternProperties":{"^n_":{"type":"integer"}},"additionalProperties":false}""", """{"n_a":1}""", """{"x":1}""")]
    [InlineData("""{"additionalProperties":{"type":"integer"},"properties":{"a":{"type":"string"}}}""", """{"a":"x","b":1}""", """{"b":"x"}""")]
    [InlineData("""{"anyOf":[{"type":"integer"},{"type":"string"}]}""", "\"a\"", "null")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"minimum":5}]}""", "1", "6")]
    [InlineData("""{"not":{"type":"string"}}""", "1", "\"a\"")]
    [InlineData("""{"$ref":"#/$defs/n","$defs":{"n":{"type":"integer"}}}""", "1", "\"a\"")]
    [InlineData("""{"$ref":"#n","$defs":{"n":{"$anchor":"n","type":"integer"}}}""", "1", "\"a\"")]
    [InlineData("""{"$id":"https://example.com/a","$ref":"https://example.com/b","$defs":{"n":{"$id":"b","type":"integer"}}}""", "1", "\"a\"")]
    [InlineData("""{"$dynamicRef":"#n","$defs":{"n":{"$dynamicAnchor":"n","type":"integer"}}}""", "1", "\"a\"")]
    [InlineData("""{"type":"object","properties":{"v":{"type":"integer"},"next":{"$ref":"#"}},"additionalProperties":false}""", """{"v":1,"next":{"v":2}}""", """{"next":{"next":{"w":1}}}""")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"yesterday\"", "1")]
    [InlineData("""{"type":"string","format":"of our own"}""", "\"x\"", "1")]
    [InlineData("""{"type":"string","x-order":3,"nullable":7,"title":"A"}""", "\"x\"", "1")]
    public void Says_what_the_standard_says(string schema, string? right, string? wrong)
    {
        if (right is not null)
            Assert.Null(AnswerSchema.Compile(schema).Problem(right));
        if (wrong is not null)
            Assert.StartsWith("At ", AnswerSchema.Compile(schema).Problem(wrong), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#/definitions/n","definitions":{"n":{"type":"integer"}}}""", "1", "\"a\"")]
    [InlineData("""{"properties":{"t":{"$ref":"#/definitions/t"}},"definitions":{"t":{"properties":{"t":{"$ref":"#/definitions/t"}},"additionalProperties":false}}}""", """{"t":{"t":{}}}""", """{"t":{"t":{"x":1}}}""")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-04/schema#","id":"http://x.invalid/","minimum":1,"exclusiveMinimum":true}""", "2", "1")]
    [InlineData("""{"maximum":1,"exclusiveMaximum":false}""", "1", "2")]
    [InlineData("""{"items":[{"type":"string"}],"additionalItems":false}""", """["a"]""", """["a",1]""")]
    [InlineData("""{"items":[{"type":"string"}],"additionalItems":{"type":"integer"}}""", """["a",1]""", """["a","b"]""")]
    [InlineData("""{"dependencies":{"a":["b"],"c":{"required":["d"]}}}""", """{"a":1,"b":1}""", """{"c":1}""")]
    [InlineData("""{"$schema":"https://nobody.invalid/draft","type":"integer"}""", "1", "\"a\"")]
    [InlineData("""{"properties":{"items":{"type":"array"},"const":{"type":"integer"}}}""", """{"items":[],"const":1}""", """{"const":"a"}""")]
    public void Understands_older_drafts(string schema, string right, string wrong) => Says_what_the_standard_says(schema, right, wrong);

    [Theory]
    [InlineData("""{"name":"answer","strict":true,"schema":{"type":"integer"}}""")]
    [InlineData("""{"name":"answer","schema":{"type":"integer"},"description":"d"}""")]
    [InlineData("""{"type":"json_schema","name":"answer","schema":{"type":"integer"}}""")]
    [InlineData("""{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{"type":"integer"}}}""")]
    [InlineData("\uFEFF{\"type\":\"integer\"}")]
    public void Takes_the_wrapping_off(string schema) => Says_what_the_standard_says(schema, "\uFEFF 1 ", "\"a\"");

    [Theory]
    [InlineData("", "is not plain JSON")]
    [InlineData("{", "is not plain JSON")]
    [InlineData("{\"type\":\"integer\"} // number", "is not plain JSON")]
    [InlineData("[]", "is of kind Array")]
    [InlineData("null", "is null")]
    [InlineData("\"string\"", "is of kind String")]
    [InlineData("""{"type":"integer","type":"string"}""", "type")]
    [InlineData("""{"type":"STRING"}""", "STRING")]
    [InlineData("""{"minLength":"5"}""", "minLength")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"minLength":"5"}}}""", "minLength")]
    [InlineData("""{"properties":{"a":5}}""", "cannot be used")]
    [InlineData("""{"title":"\ud800"}""", "surrogate")]
    [InlineData("""{"multipleOf":1e-2000000000}""", "out of range")]
    [InlineData("""{"properties":{"a":{"$ref":"https://example.com/name.json"}}}""", "another document, 'https://example.com/name.json'")]
    [InlineData("""{"$defs":{"a":{"$ref":"name.json#/a"}}}""", "another document")]
    [InlineData("""{"$ref":"file:///etc/passwd"}""", "another document")]
    [InlineData("""{"$ref":"https://json-schema.org/draft/2020-12/schema"}""", "another document")]
    [InlineData("""{"$ref":"http://json-schema.org/draft-07/schema#/definitions/nonNegativeInteger"}""", "another document")]
    [InlineData("""{"$dynamicRef":"https://json-schema.org/draft/2020-12/schema#meta"}""", "another document")]
    [InlineData("""{"$ref":"#/$defs/missing"}""", "'#/$defs/missing', which is not in it")]
    [InlineData("""{"$ref":"#missing"}""", "which is not in it")]
    [InlineData("""{"$ref":"#"}""", "")]
    [InlineData("""{"pattern":"["}""", "pattern")]
    [InlineData("""{"pattern":"^\\p{Script=Greek}+$"}""", "\\p{Script=Greek}")]
    [InlineData("""{"patternProperties":{"^\\p{Script=Greek}+$":true}}""", "\\p{Script=Greek}")]
    public void A_schema_that_cannot_be_used_is_refused_with_a_reason(string schema, string reason)
    {
        var refusal = Assert.Throws<OffpeakException>(() => AnswerSchema.Compile(schema));
        Assert.Equal(OffpeakErrorCode.InvalidInput, refusal.Code);
        Assert.StartsWith("The answer's JSON schema ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void A_refusal_keeps_its_cause() => Assert.IsAssignableFrom<ArgumentException>(
        Assert.Throws<OffpeakException>(() => AnswerSchema.Compile("""{"pattern":"("}""")).InnerException);

    [MeasuredTheory]
    [InlineData("""{"allOf":[{"$ref":"#"}]}""")]
    [InlineData("""{"type":"object","anyOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"not":{"$ref":"#"}}}}""")]
    [InlineData("""{"$dynamicAnchor":"n","allOf":[{"$dynamicRef":"#n"}]}""")]
    public void A_schema_that_refers_to_itself_without_end_is_refused_for_that(string schema) =>
        A_schema_that_cannot_be_used_is_refused_with_a_reason(schema, "without end");

    [Theory]
    [InlineData("""{"a":1}""", "At the top: Required properties [\"size\"] are not present. At /a: All values fail against the false schema.")]
    [InlineData("""{"size":"big"}""", "At /size: Value is \"string\" but should be \"integer\".")]
    public void Says_where_and_what(string answer, string problem) => Assert.Equal(problem, AnswerSchema.Compile(OfSize).Problem(answer));

    [Fact]
    public void Names_three_problems_at_most_and_the_shape_that_was_meant()
    {
        var many = AnswerSchema.Compile("""{"items":{"type":"string"}}""").Problem("[1,2,3,4,5]")!;
        Assert.Equal(3, many.Split("At /").Length - 1);
        var either = AnswerSchema.Compile("""{"properties":{"a":{"anyOf":[{"type":"null"},{"type":"object","required":["b"]}]}}}""").Problem("""{"a":{}}""");
        Assert.Equal("At /a: Required properties [\"b\"] are not present.", either);
    }

    [Theory]
    [InlineData("""{"size":123456789012345678901234567890123456789012345678901234567890}""", "At /size: a number of 60 characters")]
    [InlineData("""{"a":[0,[{}],{"b~/":1e400}]}""", "At /a/2/b~0~1: the number 1e400 is out of range")]
    [InlineData("""{"size":1e-2000000000}""", "At /size: the number 1e-2000000000 is out of range")]
    [InlineData("0e-99999999999", "At the top: the number")]
    [InlineData("1e999999999999999999999", "At the top: the number")]
    [InlineData("""{"size":NaN}""", "is not JSON")]
    [InlineData("""{"size":1,"size":1}""", "size")]
    [InlineData("""{"size":"\ud800"}""", "At /size: a string that holds half of a surrogate pair")]
    [InlineData("""{"\udc00":1}""", "half of a surrogate pair")]
    [InlineData("{\"size\":\"\0\"}", "is not JSON")]
    [InlineData("""{"size":1}}""", "is not JSON")]
    [InlineData("""/* c */ {"size":1}""", "is not JSON")]
    [InlineData("\uFEFF", "is not JSON")]
    [InlineData("", "empty")]
    [InlineData(null, "empty")]
    public void An_odd_answer_is_a_finding(string? answer, string finding) =>
        Assert.Contains(finding, AnswerSchema.Compile(OfSize).Problem(answer), StringComparison.Ordinal);

    [Theory]
    [InlineData("12345678901234567890123456789012345678901234567890", null)]
    [InlineData("123456789012345678901234567890123456789012345678901", "a number of 51 characters; at most 50 are understood")]
    [InlineData("0e-000001", null)]
    [InlineData("0e-0000001", "is out of range")]
    [InlineData("0.000", null)]
    [InlineData("0.0001e-400", "is out of range")]
    [InlineData("1e308", null)]
    [InlineData("1e309", "is out of range")]
    public void Numbers_are_understood_as_far_as_every_reader_understands_them(string number, string? finding)
    {
        var problem = AnswerSchema.Compile("true").Problem(number);
        if (finding is null)
            Assert.Null(problem);
        else
            Assert.Contains(finding, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""[1e400]""", "At /0: ")]
    [InlineData("""[[],{},[1],1e400]""", "At /3: ")]
    [InlineData("""[{"a":1},1e400]""", "At /1: ")]
    [InlineData("""{"a":{"b":[1,2]},"c":1e400}""", "At /c: ")]
    [InlineData("""{"a":[{"b":1},{"c":[[0,1e400]]}]}""", "At /a/1/c/0/1: ")]
    [InlineData("""{"":1e400}""", "At /: ")]
    [InlineData("""{"a":{"":1e400}}""", "At /a/: ")]
    [InlineData("""{"x":["a",{"y":"b"},"\ud800"]}""", "At /x/2: ")]
    [InlineData("1e400", "At the top: ")]
    [InlineData("""{"\ud800":1}""", "At the top: ")]
    [InlineData("""[{"\ud800":1}]""", "At /0/: ")]
    public void Place_of_what_is_odd_is_a_pointer_to_it(string answer, string place) =>
        Assert.StartsWith(place, AnswerSchema.Compile("true").Problem(answer), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"not":{"type":"string"},"required":["x"]}""", "{}", "At the top: Required properties [\"x\"] are not present.")]
    [InlineData("""{"contains":{"type":"string"}}""", "[1]", "At the top: Value should contain at least 1 matching items.")]
    [InlineData("""{"if":{"type":"integer"},"else":{"type":"boolean"}}""", "\"a\"", "At the top: Value is \"string\" but should be \"boolean\".")]
    public void What_a_branch_that_was_not_taken_says_is_no_problem(string schema, string answer, string problem) =>
        Assert.Equal(problem, AnswerSchema.Compile(schema).Problem(answer));

    [Fact]
    public void Problems_are_named_in_the_order_of_the_answer() => Assert.Equal(
        "At /0: Value is \"integer\" but should be \"string\". At /1: Value is \"integer\" but should be \"string\".",
        AnswerSchema.Compile("""{"items":{"type":"string"}}""").Problem("[1,2]"));

    [Fact]
    public void Of_shapes_that_exclude_each_other_the_one_whose_type_was_met_is_spoken_of()
    {
        var schema = AnswerSchema.Compile("""{"oneOf":[{"type":"null"},{"type":"object","required":["b"]}]}""");

        Assert.Equal("At the top: Required properties [\"b\"] are not present.", schema.Problem("{}"));
    }

    [Fact]
    public void Two_shapes_that_both_match_are_a_problem_of_the_whole() => Assert.Equal(
        "At the top: Value does not match its schema.", AnswerSchema.Compile("""{"oneOf":[{"type":"integer"},{"minimum":5}]}""").Problem("6"));

    [Fact]
    public void Long_words_of_a_problem_are_cut()
    {
        var name = new string('n', 400);
        var problem = AnswerSchema.Compile($$"""{"properties":{"{{name}}":{"const":"{{new string('c', 400)}}"} } }""").Problem($$"""{"{{name}}":1}""")!;

        Assert.Equal($"At /{name[..299]}…: Value should be \"{new string('c', 283)}….", problem);
    }

    [Theory]
    [InlineData(300, false)]
    [InlineData(301, true)]
    public void Text_is_cut_after_three_hundred_characters(int length, bool isCut) =>
        Assert.Equal(isCut ? new string('x', 300) + "…" : new string('x', length), AnswerProblems.Shorten(new string('x', length)));

    [Theory]
    [InlineData(1_000_000, true)]
    [InlineData(1_000_001, false)]
    public void A_schema_of_a_million_characters_is_read_and_a_longer_one_refused(int length, bool isRead)
    {
        const string Empty = """{"title":""}""";
        var schema = $$"""{"title":"{{new string('x', length - Empty.Length)}}"}""";

        Assert.Equal(isRead, Record.Exception(() => AnswerSchema.Compile(schema)) is null);
    }

    [Theory]
    [InlineData("""{"json_schema":{"schema":{"type":"integer"}},"type":"json_schema"}""", true)]
    [InlineData("""{"json_schema":{"schema":{"type":"integer"}},"other":1}""", false)]
    [InlineData("""{"schema":{"type":"integer"},"other":1}""", false)]
    [InlineData("""{"schema":null,"name":"a"}""", false)]
    [InlineData("""{"json_schema":1}""", false)]
    public void Wrapping_is_only_what_chat_clients_send(string schema, bool isWrapping)
    {
        var compiled = AnswerSchema.Compile(schema);

        Assert.Equal(isWrapping, compiled.Problem("\"a\"") is not null);
    }

    [Theory]
    [InlineData("""{"minimum":1,"exclusiveMinimum":false}""", "1", "0")]
    [InlineData("""{"maximum":1,"exclusiveMaximum":true}""", "0", "1")]
    [InlineData("""{"exclusiveMinimum":1}""", "2", "1")]
    [InlineData("""{"items":[{"type":"string"}]}""", """["a",1]""", "[1]")]
    [InlineData("""{"items":{"type":"string"}}""", """["a"]""", "[1]")]
    [InlineData("""{"allOf":[{"minimum":1,"exclusiveMinimum":true}]}""", "2", "1")]
    [InlineData("""{"properties":{"a":{"items":[{"type":"string"}],"additionalItems":false}}}""", """{"a":["b"]}""", """{"a":["b",1]}""")]
    [InlineData("""{"const":{"minimum":1,"exclusiveMinimum":true}}""", """{"minimum":1,"exclusiveMinimum":true}""", """{"exclusiveMinimum":1}""")]
    [InlineData("""{"enum":[{"items":[1]}]}""", """{"items":[1]}""", """{"prefixItems":[1]}""")]
    [InlineData("""{"default":{"items":[1]},"example":{"items":[1]},"examples":[{"items":[1]}],"type":"integer"}""", "1", "\"a\"")]
    public void Older_words_are_understood_wherever_they_stand_and_values_are_left_alone(string schema, string right, string wrong) =>
        Says_what_the_standard_says(schema, right, wrong);

    [Theory]
    [InlineData("""{"enum":5}""", "'enum' must be an array")]
    [InlineData("""{"uniqueItems":1}""", "'uniqueItems' must be true or false")]
    [InlineData("""{"pattern":5}""", "'pattern' must be a string")]
    public void Word_with_a_value_of_the_wrong_kind_is_refused_for_that(string schema, string reason) =>
        A_schema_that_cannot_be_used_is_refused_with_a_reason(schema, reason);

    [Theory]
    [InlineData("""{"uniqueItems":false}""", "[1,1]", null)]
    [InlineData("""{"uniqueItems":true}""", "\"aa\"", null)]
    [InlineData("""{"uniqueItems":true}""", "[]", null)]
    [InlineData("""{"uniqueItems":true}""", "[true,false,null,\"a\",\"b\",[1],[2],{\"a\":1},{\"a\":2}]", null)]
    [InlineData("""{"uniqueItems":true}""", "[1,2,1]", "item 2 is there before")]
    [InlineData("""{"uniqueItems":true}""", "[[1,{\"a\":2}],[1,{\"a\":2.0}]]", "item 1 is there before")]
    [InlineData("""{"pattern":"a"}""", "5", null)]
    [InlineData("""{"pattern":"a"}""", "\"b\"", "does not match the pattern a.")]
    [InlineData("""{"enum":[1,2]}""", "3", "should be one of [1,2]")]
    [InlineData("""{"const":1}""", "3", "should be 1")]
    public void Own_words_say_what_is_wrong(string schema, string answer, string? problem)
    {
        var said = AnswerSchema.Compile(schema).Problem(answer);
        if (problem is null)
            Assert.Null(said);
        else
            Assert.Contains(problem, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_of_a_pair_written_as_it_is_and_depth_are_findings()
    {
        var any = AnswerSchema.Compile("true");
        Assert.Contains("surrogate", any.Problem("\"" + (char)0xD800 + "\""), StringComparison.Ordinal);
        Assert.Null(any.Problem("\"\\u0000\\ud83d\\ude00\""));
        Assert.Null(any.Problem(Nested(64)));
        foreach (var depth in new[] { 65, 500, 1_000_000 })
            Assert.Contains("not JSON", any.Problem(Nested(depth)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_as_deep_as_can_be_is_checked_on_a_small_stack()
    {
        var tree = AnswerSchema.Compile("""{"anyOf":[{"type":"null"},{"allOf":[{"oneOf":[{"items":{"$ref":"#"}}]}]}]}""");
        OnSmallStack(() => Assert.Null(tree.Problem(Nested(64))));
    }

    [MeasuredFact]
    public void A_schema_as_deep_as_can_be_that_goes_round_in_circles_does_not_overflow_the_stack()
    {
        for (var depth = 1; depth <= 14; depth++)
        {
            // Only an object goes on, and none of ours that a schema is tried with has a name in it.
            var turn = string.Concat(Enumerable.Repeat("""{"allOf":[{"anyOf":[""", depth)) + """{"$ref":"#/$defs/a"}""" + string.Concat(Enumerable.Repeat("]}]}", depth));
            var circle = $$"""{"$ref":"#/$defs/a","$defs":{"a":{"if":{"type":"object","required":["x"]},"then": {{turn}} } } }""";
            OnSmallStack(() => Assert.Contains("without end", AnswerSchema.Compile(circle).Problem("""{"x":1}"""), StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_long_chain_of_references_is_read_on_a_small_stack_and_a_longer_one_refused()
    {
        OnSmallStack(() => Assert.StartsWith("At the top", AnswerSchema.Compile(Chain(300)).Problem("\"a\""), StringComparison.Ordinal));
        OnSmallStack(() => Assert.DoesNotContain(
            "more than", Record.Exception(() => AnswerSchema.Compile(Chain(SchemaReader.MostReferences)).Problem("\"a\""))?.Message ?? "", StringComparison.Ordinal));
        Assert.Contains("references", Assert.Throws<OffpeakException>(() => AnswerSchema.Compile(Chain(SchemaReader.MostReferences + 1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_deep_or_large_schema_is_refused()
    {
        foreach (var depth in new[] { 60, 500, 200_000 })
        {
            var schema = string.Concat(Enumerable.Repeat("""{"not":""", depth)) + "true" + new string('}', depth);
            OnSmallStack(() => Assert.Equal(depth > 63, Record.Exception(() => AnswerSchema.Compile(schema)) is OffpeakException));
        }

        Assert.Throws<OffpeakException>(() => AnswerSchema.Compile($$"""{"title":"{{new string('x', 2_000_000)}}"}"""));
    }

    [MeasuredFact]
    public void A_schema_that_doubles_with_every_reference_is_refused_in_time()
    {
        var defs = string.Join(",", Enumerable.Range(0, 40).Select(i => $$"""  "a{{i}}":{"allOf":[{"$ref":"#/$defs/a{{i + 1}}"},{"$ref":"#/$defs/a{{i + 1}}"}]}"""));
        var refusal = Timed(() => Assert.Throws<OffpeakException>(() => AnswerSchema.Compile($$"""{"$ref":"#/$defs/a0","$defs":{ {{defs}},"a40":{} } }""")));
        Assert.Contains("too long", refusal.Message, StringComparison.Ordinal);
    }

    [MeasuredTheory]
    [InlineData("""{"pattern":"^(a+)+$"}""", true)]
    [InlineData("""{"patternProperties":{"^(a+)+$":true}}""", false)]
    [InlineData("""{"propertyNames":{"pattern":"^(a+)+$"}}""", false)]
    [InlineData("""{"pattern":"^(\\p{L}+)+$"}""", true)]
    public void A_pattern_that_takes_for_ever_is_a_finding(string schema, bool isValue)
    {
        var text = $"\"{new string('a', 40)}!\"";
        var problem = Timed(() => AnswerSchema.Compile(schema).Problem(isValue ? text : $"{{{text}:1}}"));
        Assert.Contains("+)+$", problem, StringComparison.Ordinal);
        Assert.Contains("250 ms", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_whose_time_is_used_up_is_a_finding_without_a_verdict()
    {
        var finding = AnswerSchema.Compile("""{"items":{"pattern":"^a+$"}}""").Check("""["a"]""", TimeSpan.Zero)!;
        Assert.Equal(("The answer could not be checked within 0 seconds.", true), (finding.Problem, finding.IsUnchecked));
    }

    [Fact]
    public void Answer_that_is_checked_or_too_long_to_be_says_which()
    {
        var any = AnswerSchema.Compile(OfSize);
        Assert.False(any.Check("{}")!.IsUnchecked);
        Assert.False(any.Check("no JSON")!.IsUnchecked);
        Assert.False(any.Check(new string(' ', AnswerSchema.MostCharacters - 2) + "[]")!.IsUnchecked);
        Assert.True(any.Check(new string(' ', AnswerSchema.MostCharacters - 1) + "[]")!.IsUnchecked);
    }

    [Theory]
    [InlineData("""{"pattern":"^\\p{L}+$"}""", "\"Ωmega\"", "\"1\"")]
    [InlineData("""{"pattern":"^\\d{3}\\/[^\\]]$"}""", "\"123/x\"", "\"١٢٣/x\"")]
    [InlineData("""{"pattern":"b"}""", "\"abc\"", "\"ac\"")]
    [InlineData("""{"pattern":"^(?<y>\\d{4})-(?!00)\\d\\d$"}""", "\"2024-01\"", "\"2024-00\"")]
    public void Patterns_mean_what_they_mean_elsewhere(string schema, string right, string wrong) => Says_what_the_standard_says(schema, right, wrong);

    [MeasuredFact]
    public void An_answer_of_60_megabytes_is_a_finding_and_one_of_a_few_is_checked()
    {
        var numbers = AnswerSchema.Compile("""{"type":"array","items":{"type":"integer"},"uniqueItems":true}""");
        Assert.Contains("60,000,000 characters", Timed(() => numbers.Problem(new string(' ', 59_999_998) + "[]")), StringComparison.Ordinal);
        var few = "[" + string.Join(",", Enumerable.Range(0, 200_000)) + "]";
        Assert.Null(numbers.Problem(few));
        Assert.NotNull(numbers.Problem("[" + string.Join(",", Enumerable.Repeat("1", AnswerSchema.MostCharacters / 2 - 1)) + "]"));
    }

    [MeasuredFact]
    public void The_same_text_is_read_once_and_many_texts_do_not_stay()
    {
        Assert.Same(AnswerSchema.Compile(OfSize), AnswerSchema.Compile(OfSize));
        Parallel.For(0, 1_000, i => Assert.Null(AnswerSchema.Compile($$"""{"$ref":"#/$defs/a","$defs":{"a":{"const":{{i % 300}} } } }""").Problem($"{i % 300}")));
    }

    [MeasuredFact]
    public void No_answer_makes_it_throw_or_wait() => Gen.Select(OddSchema, OddJson).Sample(
        (schema, answer) =>
        {
            var problem = Timed(() => AnswerSchema.Compile(schema).Problem(answer));
            Assert.False(problem?.Contains("could not be checked", StringComparison.Ordinal) ?? false, problem);
        },
        iter: 20_000);

    [MeasuredFact]
    public void No_schema_makes_it_fail_otherwise_than_by_refusal() => Gen.Select(OddJson, OddJson).Sample(
        (schema, answer) => Timed(() =>
        {
            try
            {
                return AnswerSchema.Compile(schema).Problem(answer);
            }
            catch (OffpeakException refusal)
            {
                return refusal.Message;
            }
        }),
        iter: 20_000);

    private static readonly Gen<string> OddNumber = Gen.OneOf(
        Gen.Double.Select(value => JsonSerializer.Serialize(double.IsFinite(value) ? value : 0)),
        Gen.Long.Select(value => $"{value}"),
        Gen.Select(Gen.Long, Gen.Int).Select((mantissa, exponent) => $"{mantissa}e{exponent}"),
        Gen.Select(Gen.Long[0, 99], Gen.Int[-400, 400]).Select((mantissa, exponent) => $"{mantissa}.50E{exponent}"),
        Gen.Char['0', '9'].Array[1, 80].Select(digits => $"-{new string(digits)}"),
        Gen.OneOf("NaN", "Infinity", "-0", "0e-99999999999", "1e400", "0.1", "01"));

    private static readonly Gen<string> OddString = Gen.OneOf(
        Gen.String.Select(text => JsonSerializer.Serialize(text)),
        Gen.Char.Array[0, 6].Select(letters => $"\"{new string(letters)}\""),
        Gen.Char.Array[0, 3].Select(letters => $"\"{string.Concat(letters.Select(letter => $"\\u{(int)letter:x4}"))}\""),
        Gen.OneOf("\"\\ud800\"", "\"\0\"", "\"\\u0000\"", "\"aaaaaaaaaaaa!\"", "\"integer\"", "\"#\"", "\"#/a\"", "\"[\""));

    private static readonly Gen<string> OddName = Gen.OneOf(
        OddString,
        Gen.OneOf(
            "a", "b", "size", "type", "properties", "items", "prefixItems", "$ref", "$defs", "definitions", "pattern", "patternProperties", "enum", "const", "minimum",
            "exclusiveMinimum", "multipleOf", "uniqueItems", "allOf", "anyOf", "oneOf", "not", "if", "then", "required", "$id", "$anchor", "$dynamicRef", "$dynamicAnchor",
            "$schema", "format", "contains", "dependencies", "unevaluatedProperties", "unevaluatedItems", "schema").Select(name => $"\"{name}\""));

    private static readonly Gen<string> OddJson = Gen.Recursive<string>((depth, inner) => depth > 6 ? OddNumber : Gen.Frequency(
        (2, OddNumber),
        (2, OddString),
        (1, Gen.OneOf("null", "true", "false", "", "undefined")),
        (2, inner.Array[0, 4].Select(items => $"[{string.Join(",", items)}]")),
        (4, Gen.Select(OddName, inner).Array[0, 4].Select(members => $"{{{string.Join(",", members.Select(member => $"{member.Item1}:{member.Item2}"))}}}")),
        (1, Gen.Select(Gen.Int[0, 600], inner).Select((more, core) => new string('[', more) + core + new string(']', more)))));

    private static readonly Gen<string> OddSchema = Gen.OneOf(
        OfSize,
        """{"type":"object","properties":{"a":{"type":"integer","minimum":0,"maximum":10,"multipleOf":3},"b":{"type":"number","exclusiveMinimum":0.5,"multipleOf":0.01}}}""",
        """{"additionalProperties":{"type":["string","number"],"pattern":"^(a+)+$","multipleOf":1e-300,"enum":[1,2,null,"a"]}}""",
        """{"uniqueItems":true,"items":{"minimum":-1e300,"maximum":1e300,"multipleOf":123456789012345678901234567890}}""",
        """{"patternProperties":{"[a-z]":{"type":"integer"}},"unevaluatedProperties":false,"propertyNames":{"maxLength":3,"pattern":"^\\p{L}"}}""",
        """{"anyOf":[{"type":"array","contains":{"type":"number","maximum":5},"items":{"$ref":"#"}},{"type":"object","additionalProperties":{"$ref":"#"}},{"const":1}]}""",
        """{"if":{"type":"object"},"then":{"required":["a"],"minProperties":1},"else":{"oneOf":[{"type":"number"},{"type":"string","maxLength":3,"format":"date-time"}]}}""");

    // By far longer than any of this takes, on any machine, and by far shorter than it would take without a limit.
    private static T Timed<T>(Func<T> check)
    {
        var watch = Stopwatch.StartNew();
        var result = check();
        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), $"{watch.Elapsed}");
        return result;
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);

    private static string Chain(int references)
    {
        var links = Enumerable.Range(1, references - 1).Select(i => $$"""  "a{{i}}":{"$ref":"#/definitions/a{{i + 1}}"}""");
        return $$"""{"$ref":"#/definitions/a1","definitions":{ {{string.Join(",", links)}},"a{{references}}":{"type":"integer"} } }""";
    }

    private static void OnSmallStack(Action action)
    {
        Exception? fault = null;
        var thread = new Thread(() => fault = Record.Exception(action), 1 << 20);
        thread.Start();
        thread.Join();
        Assert.Null(fault);
    }
}

/// <summary>Checks by what an answer holds, and not by how busy the machine is.</summary>
internal static class AnswerSchemaExtensions
{
    public static string? Problem(this AnswerSchema schema, string? answer) => schema.Check(answer, TimeSpan.FromMinutes(1))?.Problem;
}
