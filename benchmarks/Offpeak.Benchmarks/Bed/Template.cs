namespace Offpeak.Benchmarks.Bed;

/// <summary>A database made once and copied for each measurement, so that all start from the same pages.</summary>
internal sealed class Template(Scratch scratch, string name)
{
    private int copies;

    public string Path { get; } = scratch.File(name + ".db");

    public string Copy()
    {
        if (copies == 0)
            FoldWal();
        var copy = scratch.File($"{name}-{++copies}.db");
        File.Copy(Path, copy);
        // Or the first flush of what is measured would write the whole copy to the disk.
        using (var file = new FileStream(copy, FileMode.Open, FileAccess.ReadWrite))
            file.Flush(flushToDisk: true);
        return copy;
    }

    public static void Drop(string copy)
    {
        foreach (var suffix in (string[])["", "-wal", "-shm"])
            File.Delete(copy + suffix);
    }

    private void FoldWal()
    {
        using var raw = new RawSqlite(Path);
        raw.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }
}
