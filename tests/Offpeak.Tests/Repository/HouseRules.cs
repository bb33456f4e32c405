using System.Text.RegularExpressions;

namespace Offpeak.Tests.Repository;

/// <summary>Rules of CONTRIBUTING.md that no analyzer checks.</summary>
public sealed partial class HouseRules
{
    private const int MaxFileLines = 400;

    private const int MaxMethodLines = 60;

    /// <summary>The checkout. Found from where the tests run: a deterministic build hides where their source lies.</summary>
    internal static readonly string Root = FindRoot();

    [Fact]
    public void Source_files_stay_readable_in_one_sitting() => Assert.Empty(
        SourceFiles().Where(file => File.ReadLines(file).Count() > MaxFileLines).Select(Name));

    [Fact]
    public void Methods_are_seen_whole_on_a_screen() => Assert.Empty(
        from file in SourceFiles()
        from Match method in Method().Matches(File.ReadAllText(file))
        let lines = method.Value.Split('\n')
        where lines.Length > MaxMethodLines
        select $"{Name(file)}: {lines[0].Trim()}");

    [Fact]
    public void No_file_is_named_after_nothing_in_particular() => Assert.Empty(
        SourceFiles().Where(file => VagueName().IsMatch(Path.GetFileNameWithoutExtension(file))).Select(Name));

    [Fact]
    public void A_public_type_has_a_file_of_its_own() => Assert.Empty(
        SourceFiles().Where(file => PublicType().Count(File.ReadAllText(file)) > 1).Select(Name));

    [Fact]
    public void A_public_member_says_cancellation_token_in_full() => Assert.Empty(
        from list in Directory.EnumerateFiles(Path.Combine(Root, "src"), "PublicAPI.*.txt", SearchOption.AllDirectories)
        from member in File.ReadLines(list)
        where member.Contains("CancellationToken ", StringComparison.Ordinal) && !member.Contains("CancellationToken cancellationToken", StringComparison.Ordinal)
        select member);

    [Fact]
    public void Every_link_between_documents_leads_somewhere()
    {
        var broken = from document in Directory.EnumerateFiles(Root, "*.md").Concat(Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md"))
                     from Match link in RelativeLink().Matches(File.ReadAllText(document))
                     let target = Path.Combine(Path.GetDirectoryName(document)!, link.Groups[1].Value)
                     where !File.Exists(target) && !Directory.Exists(target)
                     select $"{Name(document)}: {link.Groups[1].Value}";

        Assert.Empty(broken);
    }

    private static IEnumerable<string> SourceFiles() =>
        Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !Name(file).Contains("/obj/", StringComparison.Ordinal) && !Name(file).Contains("/bin/", StringComparison.Ordinal));

    private static string Name(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Offpeak.slnx")))
            folder = folder.Parent!;
        return folder.FullName;
    }

    // From a signature to the brace that ends it, by their indentation.
    [GeneratedRegex(
        @"^( {4,})(?:public|private|protected|internal)\b(?!.*\b(?:class|record|struct|enum|interface) [A-Z]).*(?:\n\1 .*)*\n\1\{\n(?:(?!\1\}).*\n)*\1\}",
        RegexOptions.Multiline)]
    private static partial Regex Method();

    [GeneratedRegex("(Common|Utils?|Helpers?|Manager)$")]
    private static partial Regex VagueName();

    [GeneratedRegex(@"^public (?:sealed |static |abstract |partial |readonly )*(?:class|record|struct|enum|interface) ", RegexOptions.Multiline)]
    private static partial Regex PublicType();

    [GeneratedRegex(@"\]\((?!https?:|#)([^)#]+)")]
    private static partial Regex RelativeLink();
}
