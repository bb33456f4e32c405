using System.Text.Json;
using System.Text.RegularExpressions;
using Json.Schema;
using Json.Schema.Keywords;
using Json.Schema.Keywords.Draft06;
using DynamicRefKeyword = Json.Schema.Keywords.Draft202012.DynamicRefKeyword;

namespace Offpeak.Policies;

/// <summary>
/// The words of JSON schema 2020-12, and <c>dependencies</c> of older drafts. <c>$schema</c> is not among them: it would bring back the
/// library's own words, which know no limits. Where the library reads numbers as decimals or runs without a limit, ours stand instead.
/// </summary>
internal static class AnswerDialect
{
    public static Dialect Instance { get; } = new(
    [
        AdditionalPropertiesKeyword.Instance, AllOfKeyword.Instance, Json.Schema.Keywords.AnchorKeyword.Instance, AnyOfKeyword.Instance,
        Json.Schema.Keywords.ContainsKeyword.Instance, DefsKeyword.Instance, DependenciesKeyword.Instance, DependentRequiredKeyword.Instance,
        DependentSchemasKeyword.Instance, DynamicAnchorKeyword.Instance, ElseKeyword.Instance, ExclusiveMaximumKeyword.Instance,
        ExclusiveMinimumKeyword.Instance, Json.Schema.Keywords.IdKeyword.Instance, IfKeyword.Instance, Json.Schema.Keywords.ItemsKeyword.Instance,
        MaxContainsKeyword.Instance, MaximumKeyword.Instance, MaxItemsKeyword.Instance, MaxLengthKeyword.Instance, MaxPropertiesKeyword.Instance,
        MinContainsKeyword.Instance, MinimumKeyword.Instance, MinItemsKeyword.Instance, MinLengthKeyword.Instance, MinPropertiesKeyword.Instance,
        MultipleOfKeyword.Instance, NotKeyword.Instance, OneOfKeyword.Instance, PatternPropertiesKeyword.Instance, PrefixItemsKeyword.Instance,
        PropertiesKeyword.Instance, PropertyNamesKeyword.Instance, RequiredKeyword.Instance, ThenKeyword.Instance,
        UnevaluatedItemsKeyword.Instance, UnevaluatedPropertiesKeyword.Instance,
        new LimitedType(), new LimitedRef(), new LimitedDynamicRef(), new LimitedPattern(), new ExactConst(), new ExactEnum(), new ExactUniqueItems(),
    ])
    {
        Id = new Uri("https://offpeak.invalid/answer"),
        AllowUnknownKeywords = true,
    };
}

internal sealed class LimitedType : TypeKeyword, IKeywordHandler
{
    KeywordEvaluation IKeywordHandler.Evaluate(KeywordData keyword, EvaluationContext context)
    {
        CheckLimits.Spend(context);
        return Evaluate(keyword, context);
    }
}

internal sealed class LimitedRef : RefKeyword
{
    public override KeywordEvaluation Evaluate(KeywordData keyword, EvaluationContext context)
    {
        CheckLimits.Spend(context);
        return base.Evaluate(keyword, context);
    }
}

internal sealed class LimitedDynamicRef : DynamicRefKeyword
{
    public override KeywordEvaluation Evaluate(KeywordData keyword, EvaluationContext context)
    {
        CheckLimits.Spend(context);
        return base.Evaluate(keyword, context);
    }
}

internal sealed class LimitedPattern : PatternKeyword
{
    public static Regex Compile(string pattern)
    {
        // In ECMAScript's mode .NET knows no \p, which newer schemas use.
        var options = pattern.Contains(@"\p", StringComparison.OrdinalIgnoreCase) ? RegexOptions.CultureInvariant : RegexOptions.ECMAScript;
        return new Regex(pattern, options, CheckLimits.Pattern);
    }

    public override object ValidateKeywordValue(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? Compile(value.GetString()!) : throw new JsonSchemaException("'pattern' must be a string");

    public override KeywordEvaluation Evaluate(KeywordData keyword, EvaluationContext context)
    {
        CheckLimits.Spend(context);
        return context.Instance.ValueKind != JsonValueKind.String ? KeywordEvaluation.Ignore
            : ExactWord.Verdict(Name, ((Regex)keyword.Value!).IsMatch(context.Instance.GetString()!), $"Value does not match the pattern {keyword.RawValue}");
    }
}

internal sealed class ExactConst : ExactWord
{
    public override string Name => "const";

    public override KeywordEvaluation Evaluate(KeywordData keyword, EvaluationContext context) =>
        Verdict(Name, JsonElement.DeepEquals(keyword.RawValue, context.Instance), $"Value should be {keyword.RawValue.GetRawText()}");
}

internal sealed class ExactEnum : ExactWord
{
    public override string Name => "enum";

    public override object? ValidateKeywordValue(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? null : throw new JsonSchemaException("'enum' must be an array");

    public override KeywordEvaluation Evaluate(KeywordData keyword, EvaluationContext context)
    {
        var isKnown = false;
        foreach (var value in keyword.RawValue.EnumerateArray())
            isKnown = isKnown || JsonElement.DeepEquals(value, context.Instance);
        return Verdict(Name, isKnown, $"Value should be one of {keyword.RawValue.GetRawText()}");
    }
}

internal sealed class ExactUniqueItems : ExactWord, IEqualityComparer<JsonElement>
{
    public override string Name => "uniqueItems";

    public override object? ValidateKeywordValue(JsonElement value) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : throw new JsonSchemaException("'uniqueItems' must be true or false");

    public override KeywordEvaluation Evaluate(KeywordData keyword, EvaluationContext context)
    {
        if (context.Instance.ValueKind != JsonValueKind.Array || keyword.RawValue.ValueKind == JsonValueKind.False)
            return KeywordEvaluation.Ignore;
        var seen = new HashSet<JsonElement>(this);
        var index = 0;
        foreach (var item in context.Instance.EnumerateArray())
        {
            CheckLimits.Spend(context);
            if (!seen.Add(item))
                return Verdict(Name, false, $"Items should differ, but item {index} is there before");
            index++;
        }

        return Verdict(Name, true, "");
    }

    public bool Equals(JsonElement x, JsonElement y) => JsonElement.DeepEquals(x, y);

    public int GetHashCode(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble().GetHashCode(),
        JsonValueKind.String => value.GetString()!.GetHashCode(StringComparison.Ordinal),
        JsonValueKind.Array => value.EnumerateArray().Aggregate(1, (hash, item) => HashCode.Combine(hash, GetHashCode(item))),
        JsonValueKind.Object => value.EnumerateObject().Aggregate(2, (hash, member) => hash + HashCode.Combine(member.Name, GetHashCode(member.Value))),
        var kind => (int)kind,
    };
}

internal abstract class ExactWord : IKeywordHandler
{
    public abstract string Name { get; }

    public virtual object? ValidateKeywordValue(JsonElement value) => null;

    public void BuildSubschemas(KeywordData keyword, BuildContext context)
    {
    }

    public abstract KeywordEvaluation Evaluate(KeywordData keyword, EvaluationContext context);

    public static KeywordEvaluation Verdict(string name, bool isValid, string error) =>
        new() { Keyword = name, IsValid = isValid, Error = isValid ? null : error };
}
