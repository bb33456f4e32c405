using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace Offpeak.Tests.Fixture;

/// <summary>What several processes share: a database file, a clock, a provider, a queue, an error tracker.</summary>
internal sealed class World : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("offpeak-tests-").FullName;

    public string Path => System.IO.Path.Combine(folder, "offpeak.db");

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 1, 8, 0, 0, TimeSpan.Zero));

    public FakeProvider Provider { get; } = new();

    public RecordingQueue Queue { get; } = new();

    public RecordingReporter Errors { get; } = new();

    public LogSink Logs { get; } = new();

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }
}
