using Json.Schema;

namespace Offpeak.Policies;

/// <summary>Puts the results of a check into words.</summary>
internal static class AnswerProblems
{
    private const int Most = 3;
    private const int LongestProblem = 300;

    public static string Describe(EvaluationResults results)
    {
        var problems = Of(results).Distinct().Take(Most).ToList();
        return problems.Count == 0 ? "The answer does not match its schema." : string.Join(" ", problems);
    }

    public static string Shorten(string text) => text.Length <= LongestProblem ? text : $"{text.AsSpan(0, LongestProblem)}…";

    private static IEnumerable<string> Of(EvaluationResults results)
    {
        var failed = (results.Details ?? []).Where(part => !part.IsValid).ToLookup(part => Word(results, part));
        // What stands under these says why a branch was not taken, which is no fault.
        var parts = failed.Where(group => group.Key is not ("if" or "not" or "contains"))
            .SelectMany(group => group.Key is "anyOf" or "oneOf" ? [Nearest(group)] : group.AsEnumerable());
        var own = (results.Errors ?? []).Select(error => Sentence(results, error.Value));
        return own.Concat(parts.SelectMany(Of)).DefaultIfEmpty(Sentence(results, "Value does not match its schema"));
    }

    // Of several shapes that are allowed, a model most likely meant the one whose type it met.
    private static EvaluationResults Nearest(IEnumerable<EvaluationResults> branches) =>
        branches.MinBy(branch => branch.Errors?.ContainsKey("type") == true ? 1 : 0)!;

    private static string Word(EvaluationResults parent, EvaluationResults part) =>
        part.EvaluationPath.SegmentCount > parent.EvaluationPath.SegmentCount ? part.EvaluationPath[parent.EvaluationPath.SegmentCount].ToString() : "";

    private static string Sentence(EvaluationResults results, string error)
    {
        var place = results.InstanceLocation.SegmentCount == 0 ? "the top" : Shorten(results.InstanceLocation.ToString());
        return $"At {place}: {Shorten(error).TrimEnd('.')}.";
    }
}
