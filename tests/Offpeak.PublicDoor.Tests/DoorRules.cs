using System.Text.RegularExpressions;

namespace Offpeak.PublicDoor.Tests;

/// <summary>What keeps the door the only way in.</summary>
public sealed partial class DoorRules
{
    private static readonly string Source = Path.Combine(DocumentTests.Root, "src");

    [Fact]
    public void Libraries_name_no_friend_but_tests()
    {
        string[] allowed = ["Offpeak.Conformance", "Offpeak.CrashTests", "Offpeak.CrashTests.Worker", "Offpeak.Simulation"];
        var friends = from project in Directory.EnumerateFiles(Source, "*.csproj", SearchOption.AllDirectories)
                      from Match friend in Friend().Matches(File.ReadAllText(project))
                      let name = friend.Groups[1].Value
                      where name == "Offpeak.PublicDoor.Tests" || !(name.EndsWith(".Tests", StringComparison.Ordinal) || allowed.Contains(name))
                      select $"{Path.GetFileName(project)}: {name}";

        Assert.Empty(friends);
    }

    [Fact]
    public void Libraries_speak_of_the_library_and_leave_commands_to_the_command_line()
    {
        var spoken = from file in Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories)
                     let name = Path.GetRelativePath(Source, file).Replace('\\', '/')
                     where !name.StartsWith("Offpeak.Cli/", StringComparison.Ordinal) && !name.Contains("/obj/", StringComparison.Ordinal)
                     from line in File.ReadLines(file)
                     where Command().IsMatch(line)
                     select $"{name}: {line.Trim()}";

        Assert.Empty(spoken);
    }

    [GeneratedRegex("InternalsVisibleTo Include=\"([^\"]+)\"")]
    private static partial Regex Friend();

    [GeneratedRegex(@"--[a-z]{2,}\b|on the command line|offpeak (?:run|list|show|results|cancel|retry|resolve|delete|estimate|work|emulator|demo)\b")]
    private static partial Regex Command();
}
