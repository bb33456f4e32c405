using System.Text;
using Offpeak.Cli.Input;

namespace Offpeak.Cli.Tests.Input;

/// <summary>A directory of input files that goes away with the test.</summary>
public abstract class InputFixture : IDisposable
{
    protected InputFixture() => Folder = Directory.CreateTempSubdirectory("offpeak-input-").FullName;

    protected string Folder { get; }

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected string Write(string name, string content) => Write(name, Encoding.UTF8.GetBytes(content));

    protected string Write(string name, byte[] content)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    private protected async Task<List<InputEntry>> EntriesAsync(string path, string? prompt = null)
    {
        await using var file = await RunInput.OpenAsync(path, Options(prompt));
        var entries = await file.ReadAsync().ToListAsync();
        Assert.Equal(file.EntryCount, entries.Count);
        return entries;
    }

    /// <summary>The message that refuses the file, with the file's name in place of its path.</summary>
    private protected async Task<string> RefusalAsync(string path, string? prompt = null)
    {
        var exception = await Assert.ThrowsAsync<InputException>(() => RunInput.OpenAsync(path, Options(prompt)));
        return exception.Message.Replace(Shown.Plain(path), Path.GetFileName(path), StringComparison.Ordinal);
    }

    /// <summary>The reasons given for the lines of a refused file.</summary>
    private protected async Task<string[]> ReasonsAsync(string name, string content, string? prompt = null)
    {
        var message = await RefusalAsync(Write(name, content), prompt);
        return [.. message.Split('\n').Where(line => line.StartsWith("  ", StringComparison.Ordinal)).Select(line => line.Trim())];
    }

    private protected InputOptions Options(string? prompt = null) =>
        InputOptions.Default with { PromptTemplate = prompt, TemporaryDirectory = Folder };
}
