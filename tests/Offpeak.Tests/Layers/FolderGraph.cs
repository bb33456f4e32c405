using System.Reflection;
using System.Text.RegularExpressions;

namespace Offpeak.Tests.Layers;

/// <summary>
/// Which folder of a project names types of which other folder, read from its text: top-level type names, and <c>using</c> of a namespace
/// that one folder alone declares. The project's own folder is <c>.</c>.
/// </summary>
internal sealed partial class FolderGraph
{
    private readonly List<(string Folder, string Name, string Text)> files;
    private readonly ILookup<string, string> homes;
    private readonly Dictionary<string, string> namespaces;

    private FolderGraph(List<(string Folder, string Name, string Text)> files)
    {
        this.files = files;
        homes = Declared(files, TopLevelType());
        namespaces = Declared(files, Namespace()).Where(home => home.Count() == 1).ToDictionary(home => home.Key, home => home.Single());
    }

    /// <summary>Names that several folders declare, so that no reader of one knows which is meant.</summary>
    public IEnumerable<string> Twins => from home in homes where home.Count() > 1 select $"{home.Key}: {string.Join(", ", home)}";

    public IEnumerable<string> TypeNames => homes.Select(home => home.Key);

    public static FolderGraph Read(string projectFolder) => new(
        [.. from path in Directory.EnumerateFiles(projectFolder, "*.cs", SearchOption.AllDirectories)
            let name = Path.GetRelativePath(projectFolder, path).Replace('\\', '/')
            where !name.StartsWith("bin/", StringComparison.Ordinal) && !name.StartsWith("obj/", StringComparison.Ordinal)
            let folder = Path.GetDirectoryName(name)!.Replace('\\', '/')
            select (folder.Length == 0 ? "." : folder, name, Silent().Replace(File.ReadAllText(path), " "))]);

    /// <summary>What breaks the layers, lowest first: each a list of folders that know only the layers before theirs, not one another.</summary>
    public IReadOnlyList<string> Against(params string[] layers) => Against(layers, UsesOf);

    /// <summary>The same by what was compiled, for a project whose members are called like its types; and by its <c>using</c>.</summary>
    public IReadOnlyList<string> CompiledAgainst(Assembly assembly, params string[] layers)
    {
        var heights = HeightsOf(layers);
        return
        [
            .. Against(layers, text => UsesOf(text).Where(use => use.Name.StartsWith("using ", StringComparison.Ordinal))),
            .. from use in CompiledUses.Of(assembly)
               let user = homes[use.User].FirstOrDefault()
               let used = homes[use.Used].FirstOrDefault()
               where user is not null && used is not null && user != used && heights.GetValueOrDefault(used) >= heights.GetValueOrDefault(user)
               select $"{user}/{use.User} uses {use.Used} of {used}",
        ];
    }

    private static Dictionary<string, int> HeightsOf(string[] layers) => layers
        .SelectMany((layer, height) => layer.Split(' ').Select(folder => (folder, height))).ToDictionary(place => place.folder, place => place.height);

    private IReadOnlyList<string> Against(string[] layers, Func<string, IEnumerable<(string Name, string Folder)>> usesOf)
    {
        var heights = HeightsOf(layers);
        var folders = files.Select(file => file.Folder).ToHashSet();
        return
        [
            .. Twins,
            .. folders.Where(folder => !heights.ContainsKey(folder)).Select(folder => $"{folder} is in no layer"),
            .. heights.Keys.Where(folder => !folders.Contains(folder)).Select(folder => $"{folder} does not exist"),
            .. from file in files
               from use in usesOf(file.Text)
               where use.Folder != file.Folder && heights.GetValueOrDefault(use.Folder) >= heights.GetValueOrDefault(file.Folder)
               select $"{file.Name} names {use.Name} of {use.Folder}",
        ];
    }

    private IEnumerable<(string Name, string Folder)> UsesOf(string text) =>
        from Match word in Word().Matches(text)
        let folder = word.Groups["using"].Success
            ? namespaces.GetValueOrDefault(word.Groups["using"].Value)
            : homes[word.Value].Count() == 1 ? homes[word.Value].Single() : null
        where folder is not null
        group folder by word.Value into use
        select (use.Key, use.First());

    private static ILookup<string, string> Declared(List<(string Folder, string Name, string Text)> files, Regex declaration) =>
        files.SelectMany(file => declaration.Matches(file.Text).Select(match => (Name: match.Groups[1].Value, file.Folder)))
            .Distinct().ToLookup(pair => pair.Name, pair => pair.Folder);

    // Comments, characters, raw texts and texts. An interpolated text hides what it calls, so a class may not live by those alone.
    [GeneratedRegex("""
        //[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\\n])'|\${0,3}\"{3}.*?\"{3}|"(?:\\.|[^"\\\n])*"
        """, RegexOptions.Singleline)]
    private static partial Regex Silent();

    [GeneratedRegex(@"^(?:public |internal |file |sealed |static |abstract |partial |readonly |ref )*(?:class|record(?: struct| class)?|struct|enum|interface) (\w+)", RegexOptions.Multiline)]
    private static partial Regex TopLevelType();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    // A name after a dot is a member's, whatever type is called the same.
    [GeneratedRegex(@"^using (?<using>[\w.]+);|(?<![\w.])[A-Z]\w*", RegexOptions.Multiline)]
    private static partial Regex Word();
}
