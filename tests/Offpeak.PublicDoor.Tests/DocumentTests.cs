using System.Text.RegularExpressions;

namespace Offpeak.PublicDoor.Tests;

/// <summary>What the pages show is compiled: each block of C# is a region of a file in samples.</summary>
public sealed partial class DocumentTests
{
    internal static readonly string Root = FindRoot();

    [Fact]
    public void Every_block_of_code_is_a_region_that_is_compiled()
    {
        var regions = ReadRegions();
        var wrong = new List<string>();
        foreach (var page in Pages())
        {
            foreach (Match block in CodeBlock().Matches(File.ReadAllText(page)))
            {
                var name = block.Groups["name"].Value;
                if (!regions.TryGetValue(name, out var code))
                    wrong.Add($"{Path.GetFileName(page)}: no region '{name}' for the block that begins '{block.Groups["code"].Value.Split('\n')[0]}'");
                else if (block.Groups["code"].Value.Trim() != code)
                    wrong.Add($"{Path.GetFileName(page)}: '{name}' should be:\n{code}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_region_is_shown_on_a_page()
    {
        var shown = Pages().SelectMany(page => CodeBlock().Matches(File.ReadAllText(page))).Select(block => block.Groups["name"].Value);

        Assert.Empty(ReadRegions().Keys.Except(shown));
    }

    [Fact]
    public void Every_block_of_code_names_the_packages_it_needs()
    {
        var missing = new List<string>();
        foreach (var page in Pages())
        {
            var (text, read) = (File.ReadAllText(page), 0);
            foreach (Match block in CodeBlock().Matches(text))
            {
                // What stands above it, since the block before or the heading, says what to add to a project; or a comment in it does.
                var above = text[Math.Max(read, text.LastIndexOf("\n#", block.Index, StringComparison.Ordinal))..block.Index];
                read = block.Index + block.Length;
                missing.AddRange(
                    from package in PackagesOf(block.Groups["code"].Value)
                    where !above.Contains($"`{package}`", StringComparison.Ordinal) && !block.Value.Contains($"// {package}", StringComparison.Ordinal)
                    select $"{Path.GetFileName(page)}: '{block.Groups["name"].Value}' needs {package}");
            }
        }

        Assert.Empty(missing);
    }

    // The core comes with every package; what the packages bring with them needs no naming.
    private static IEnumerable<string> PackagesOf(string code) =>
        from source in Directory.EnumerateFiles(Path.Combine(Root, "src"), "*Extensions.cs", SearchOption.AllDirectories)
        let package = Path.GetRelativePath(Path.Combine(Root, "src"), source).Split(Path.DirectorySeparatorChar)[0]
        where package != "Offpeak" && !source.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
        from Match extension in Extension().Matches(File.ReadAllText(source))
        where Regex.IsMatch(code, $@"\.{extension.Groups["name"].Value}\b[(<]")
        group package by package into used
        select used.Key;

    private static IEnumerable<string> Pages() =>
        Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md").Append(Path.Combine(Root, "README.md"));

    // Parts of one name, in the order of the file, are one block: the usings stand at the top.
    private static Dictionary<string, string> ReadRegions() => Directory
        .EnumerateFiles(Path.Combine(Root, "samples"), "*.cs", SearchOption.AllDirectories)
        .SelectMany(file => Region().Matches(File.ReadAllText(file)))
        .GroupBy(region => region.Groups["name"].Value, region => Outdent(region.Groups["code"].Value))
        .ToDictionary(parts => parts.Key, parts => string.Join("\n\n", parts));

    private static string Outdent(string code)
    {
        var lines = code.TrimEnd().Split('\n');
        var depth = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length > 0 ? line[depth..] : ""));
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Offpeak.slnx")))
            folder = folder.Parent!;

        return folder.FullName;
    }

    [GeneratedRegex(@"public static \w+(?:<\w+>)? (?<name>\w+)(?:<\w+>)?\(this ")]
    private static partial Regex Extension();

    [GeneratedRegex(@"(?:<!-- snippet: (?<name>[\w-]+) -->\n)?```(?:csharp|cs|c#)\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"^ *#region (?<name>[\w-]+)\n(?<code>.*?)^ *#endregion", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Region();
}
