using System.Diagnostics;
using System.Globalization;

namespace Offpeak.Diagnostics;

/// <summary>
/// Names this process as a lease owner, and recognises owners that are certainly dead: processes of this machine whose id is gone or
/// belongs to a process started at another time. Owners of other machines are judged by their lease alone.
/// </summary>
internal class WorkerIdentity
{
    private readonly string host;

    public WorkerIdentity()
    {
        // Two containers can share a machine name but not a process-id namespace.
        host = $"{Environment.MachineName}/{ProcessNamespace()}";
        Owner = $"{host}|{Environment.ProcessId}|{StartTime(Environment.ProcessId)}|{Guid.NewGuid():N}";
    }

    public string Owner { get; protected init; }

    /// <summary>Whether a lease may be taken over. A worker's own lease counts as held: another step of the same process may be using it.</summary>
    public bool IsFree(string? owner, DateTimeOffset? until, DateTimeOffset now) => owner is null || until <= now || IsDead(owner);

    public virtual bool IsDead(string owner)
    {
        var parts = owner.Split('|');
        return parts.Length == 4
            && parts[0] == host
            && int.TryParse(parts[1], CultureInfo.InvariantCulture, out var processId)
            && StartTime(processId) != parts[2];
    }

    private static string ProcessNamespace()
    {
        try
        {
            return OperatingSystem.IsLinux() ? new FileInfo("/proc/self/ns/pid").LinkTarget ?? "" : "";
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static string? StartTime(int processId)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                // Field 22 of stat, in clock ticks since boot: exact, where Process.StartTime is computed from a drifting boot time.
                var stat = File.ReadAllText($"/proc/{processId.ToString(CultureInfo.InvariantCulture)}/stat");
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                return fields[0] == "Z" ? null : fields[19];
            }

            using var process = Process.GetProcessById(processId);
            return process.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or ArgumentException or InvalidOperationException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
