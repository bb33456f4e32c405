using Offpeak.Tests.Repository;

namespace Offpeak.Tests.Layers;

public sealed class LayerTests
{
    private static readonly string Source = Path.Combine(HouseRules.Root, "src");

    [Fact]
    public void A_folder_names_only_folders_below_it() => Assert.Empty(FolderGraph.Read(Path.Combine(Source, "Offpeak.Testing")).Against(
        "Answers Faults Files",
        "Batches",
        "Emulator",
        "Compatible/Answers Anthropic/Answers Gemini/Answers",
        "Compatible",
        "OpenAI Anthropic Gemini XAI",
        "Dialects",
        "Server"));

    [Fact]
    public void A_folder_of_the_engine_uses_only_folders_below_it() => Assert.Empty(FolderGraph.Read(Path.Combine(Source, "Offpeak")).CompiledAgainst(
        typeof(BatchClient).Assembly,
        "Errors Batches Jsonl Diagnostics",
        "Codec",
        "Providers",
        "Kit/Json Models",
        "Kit/Http",
        "Storage",
        "Policies",
        "Options",
        "Snapshots",
        "Entries Work Tools",
        "Handlers",
        "Flow",
        "Flow/Submit",
        "Flow/Poll",
        "Flow/Advance",
        "Sweeps",
        "Hosting",
        ".",
        "Local"));

    [Theory]
    [InlineData("Offpeak.OpenAI", "Results", "Wire", "Codec", "Dialects", "Calls", "Local", ".")]
    [InlineData("Offpeak.Anthropic", "Options", "Wire", "Results", "Codec", "Calls", ".")]
    [InlineData("Offpeak.Gemini", "Options", "Wire", "Results", "Codec", "Calls", ".")]
    [InlineData("Offpeak.XAI", "Options", "Wire", "Results", "Codec", "Calls", ".")]
    [InlineData("Offpeak.Cli", "Shell", "Input", "Setup", "Output", "Running Demo", "Commands", ".")]
    public void A_folder_of_another_project_names_only_folders_below_it(string project, params string[] layers) =>
        Assert.Empty(FolderGraph.Read(Path.Combine(Source, project)).Against(layers));

    [Fact]
    public void A_type_name_of_the_emulator_means_nothing_else_in_the_other_projects()
    {
        var others = Directory.EnumerateDirectories(Source).Where(folder => Path.GetFileName(folder) is not "Offpeak.Testing")
            .SelectMany(folder => FolderGraph.Read(folder).TypeNames.Select(name => (name, Path.GetFileName(folder)))).ToLookup(type => type.name);
        Assert.NotEmpty(others);
        Assert.Empty(FolderGraph.Read(Path.Combine(Source, "Offpeak.Testing")).TypeNames.SelectMany(name => others[name]));
    }

    [Theory]
    [InlineData("Low/A.cs", "internal sealed class A(B b);", "Low/A.cs names B of High")]
    [InlineData("Low/A.cs", "using Project.High;\n\ninternal sealed class A;", "Low/A.cs names using Project.High; of High")]
    [InlineData("Low/A.cs", "internal enum B { One }", "B: High, Low")]
    [InlineData("Else/A.cs", "internal sealed class A;", "Else is in no layer")]
    [InlineData("Low/A.cs", "internal sealed class A { object? Of(C c) => c.B ?? '\"' + \"B\"; /* B */ } // B", null)]
    public void The_graph_sees_a_name_that_points_upwards(string name, string text, string? problem)
    {
        var project = Directory.CreateTempSubdirectory("offpeak-layers-");
        try
        {
            Write(project, "Low/C.cs", "internal sealed class C;");
            Write(project, "High/B.cs", "namespace Project.High;\n\ninternal sealed class B(C c);");
            Write(project, name, text);
            var problems = FolderGraph.Read(project.FullName).Against("Low", "High");
            Assert.Equal(problem is null ? [] : [problem], problems);
        }
        finally
        {
            project.Delete(recursive: true);
        }
    }

    private static void Write(DirectoryInfo project, string name, string text)
    {
        var path = Path.Combine(project.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
