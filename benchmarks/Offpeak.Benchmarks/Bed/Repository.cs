namespace Offpeak.Benchmarks.Bed;

/// <summary>Where this was built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Offpeak.slnx")))
            folder = Path.GetDirectoryName(folder.TrimEnd('/')) ?? throw new InvalidOperationException("Run it from the repository.");

        return folder;
    }
}
