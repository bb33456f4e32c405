namespace Offpeak.Testing;

/// <summary>Files on disk in a temporary folder of this emulator; an expired file is gone from the moment it expires.</summary>
internal sealed class FileStore(TimeProvider time, TimeSpan retention) : IDisposable
{
    private readonly Lock gate = new();
    private readonly List<EmulatedFile> files = [];
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("offpeak-emulator-");

    public string Folder => folder.FullName;

    public string NewPath() => Path.Combine(folder.FullName, Guid.NewGuid().ToString("N"));

    public string PathOf(EmulatedFile file) => Path.Combine(folder.FullName, file.Id);

    public EmulatedFile Adopt(string path, string fileName, string purpose, DateTimeOffset createdAt, TimeSpan? expiresAfter = null)
    {
        var file = new EmulatedFile(
            $"file-{Guid.NewGuid():N}", fileName, purpose, new FileInfo(path).Length,
            createdAt, createdAt + (expiresAfter ?? retention));
        File.Move(path, PathOf(file));
        lock (gate)
            files.Add(file);
        return file;
    }

    public EmulatedFile? Find(string id) => Snapshot().FirstOrDefault(file => file.Id == id);

    public bool Delete(string id)
    {
        if (Find(id) is not { } file)
            return false;
        lock (gate)
            files.Remove(file);
        File.Delete(PathOf(file));
        return true;
    }

    public IReadOnlyList<EmulatedFile> Snapshot()
    {
        var now = time.GetUtcNow();
        lock (gate)
            return [.. files.Where(file => file.ExpiresAt > now)];
    }

    public void Dispose()
    {
        try
        {
            folder.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A run still writing on another thread may have made a file meanwhile; the system's temp cleaning takes the rest.
        }
    }
}
