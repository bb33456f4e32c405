namespace Offpeak.Cli.Output;

/// <summary>Tells whether two paths lead to one file, however they are written.</summary>
internal static class RealPath
{
    // What the systems allow; more is a circle.
    private const int MostLinks = 40;

    /// <summary>Whether both are one file. Names that differ in case only are taken for one, as many file systems do.</summary>
    public static bool AreSame(string left, string right) => Of(left).Equals(Of(right), StringComparison.OrdinalIgnoreCase);

    /// <summary>The path without links in any of its parts; what does not exist stands for itself.</summary>
    public static string Of(string path) => Of(path, 0);

    private static string Of(string path, int links)
    {
        var full = Path.GetFullPath(path);
        if (links > MostLinks || Path.GetDirectoryName(full) is not { } folder)
            return full;

        var place = new FileInfo(Path.Combine(Of(folder, links), Path.GetFileName(full)));
        return place.LinkTarget is { } target ? Of(Path.Combine(place.DirectoryName!, target), links + 1) : place.FullName;
    }
}
