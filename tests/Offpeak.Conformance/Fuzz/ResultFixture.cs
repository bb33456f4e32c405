using Offpeak.Conformance.Subjects;
using Offpeak.Providers;

namespace Offpeak.Conformance.Fuzz;

/// <summary>A recorded result file that can be changed and read again through the provider itself.</summary>
internal sealed class ResultFixture
{
    private readonly ProviderSubject subject;

    private ResultFixture(ProviderSubject subject, byte[] bytes) => (this.subject, Bytes) = (subject, bytes);

    public byte[] Bytes { get; }

    /// <summary>Each line of the file and what it gives when nothing was changed.</summary>
    public required IReadOnlyList<(byte[] Line, List<ProviderResult> Results)> Lines { get; init; }

    public static async Task<ResultFixture> LoadAsync(ProviderSubject subject, string name)
    {
        var bytes = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "Fixtures", name));
        var whole = await new ResultFixture(subject, bytes) { Lines = [] }.ReadAsync(bytes);
        Assert.Null(whole.Failure);
        Assert.DoesNotContain(whole.Results, result => result.Kind == ProviderResultKind.Malformed);
        Assert.Equal(whole.Results.Count, whole.Results.Select(result => result.WireId).Distinct().Count());
        var lines = Split(bytes[..^1]).ConvertAll(line => (line, whole.Results.FindAll(result => Holds(line, result.WireId!))));
        Assert.All(lines, line => Assert.NotEmpty(line.Item2));
        return new ResultFixture(subject, bytes) { Lines = lines };
    }

    public static List<byte[]> Split(byte[] bytes)
    {
        var lines = new List<byte[]>();
        foreach (var range in bytes.AsSpan().Split((byte)'\n'))
            lines.Add(bytes[range]);
        return lines;
    }

    public static byte[] Join(IEnumerable<byte[]> lines) => [.. lines.SelectMany(line => (byte[])[.. line, (byte)'\n'])];

    /// <summary>Reads changed bytes. A provider may refuse them; it may not fail in any other way.</summary>
    public async Task<(List<ProviderResult> Results, ProviderException? Failure)> ReadAsync(byte[] bytes)
    {
        using var handler = new FixtureHandler(request => subject.Answer(request, bytes));
        var (provider, journal) = subject.MakeFor(handler);
        var batch = new ProviderBatchRef
        {
            ProviderBatchId = "batches-1",
            Key = new SubmissionKey("op-fixture"),
            Model = subject.Model,
            Endpoint = subject.Endpoint,
            EntryCount = 100,
            Journal = journal,
        };
        var results = new List<ProviderResult>();
        try
        {
            await foreach (var result in provider.ReadResultsAsync(batch, default))
            {
                results.Add(result);
                provider.Codec.ReadText(subject.Endpoint, result.Body.Span);
            }

            return (results, null);
        }
        catch (ProviderException failure)
        {
            return (results, failure);
        }
    }

    /// <summary>Reads changed bytes and checks that every line that was left alone arrived with its id and its body.</summary>
    public async Task CheckAsync(byte[] bytes, string change)
    {
        var (results, failure) = await ReadAsync(bytes);
        // Pages name the next one: after a page that cannot be read there is no way on, and the engine reads all of them again.
        Assert.True(failure is null || !subject.HasResultLines, $"{change}: {failure}");
        var mayBeCut = failure is not null || !subject.HasResultLines;
        var left = results.Where(result => result.Kind != ProviderResultKind.Malformed).Select(Describe).ToHashSet();
        foreach (var line in mayBeCut ? Split(bytes).TakeWhile(IsUntouched) : Split(bytes))
        {
            foreach (var expected in Lines.FirstOrDefault(known => known.Line.AsSpan().SequenceEqual(Plain(line))).Results ?? [])
                Assert.True(left.Contains(Describe(expected)), $"{change}: {expected.WireId} did not arrive whole.");
        }

        foreach (var bad in results.Where(result => result.Kind == ProviderResultKind.Malformed))
            Assert.True(bad is { WireId: null, Body.IsEmpty: true, Line: > 0 }, $"{change}: a malformed line says more than its number.");
    }

    private bool IsUntouched(byte[] line) => Lines.Any(known => known.Line.AsSpan().SequenceEqual(line));

    private static ReadOnlySpan<byte> Plain(byte[] line) => line.AsSpan().EndsWith("\r"u8) ? line.AsSpan(0, line.Length - 1) : line;

    private static string Describe(ProviderResult result) =>
        $"{result.WireId} {result.Kind} {result.StatusCode} {result.ErrorCode} {result.FinishReason} {Convert.ToBase64String(result.Body.Span)}";

    private static bool Holds(byte[] line, string id) => line.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes($"\"{id}\"")) >= 0;
}
