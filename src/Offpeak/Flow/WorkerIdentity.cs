using System.Diagnostics;
using System.Globalization;

namespace Offpeak.Flow;

/// <summary>
/// Names this process as a lease owner, and recognises owners that are certainly dead: processes of this machine and this boot whose id is
/// gone or belongs to a process started at another time. Owners of other machines are judged by their lease alone.
/// </summary>
internal class WorkerIdentity
{
    private const string Ended = "ended";

    private readonly string host;
    private long leases;

    public WorkerIdentity()
    {
        // Two containers can share a machine name but not a process-id namespace; two machines can share both, but not a boot.
        host = $"{Environment.MachineName}/{ProcessNamespace()}/{BootId()}".Replace('|', '_');
        Owner = $"{host}|{Environment.ProcessId}|{StartTime(Environment.ProcessId)}|{Guid.NewGuid():N}";
    }

    public string Owner { get; protected init; }

    /// <summary>A name for one holding of a lease: a second one of the same process is another.</summary>
    public string NewToken() => string.Create(CultureInfo.InvariantCulture, $"{Owner}|{Interlocked.Increment(ref leases)}");

    /// <summary>Whether the holder of a token is certainly dead. A worker's own lease counts as held: another step of the same process may be using it.</summary>
    public virtual bool IsDead(string token)
    {
        var parts = token.Split('|');
        return parts.Length >= 4
            && parts[0] == host
            && int.TryParse(parts[1], CultureInfo.InvariantCulture, out var processId)
            && parts[2].Length > 0
            && (StartOf(processId) is { } start ? start != parts[2] : IsGone(processId));
    }

    /// <summary>When a process was started, in words that no other process of its id has; null if that cannot be seen.</summary>
    protected virtual string? StartOf(int processId) => StartTime(processId);

    // What another user's process hides (hidepid, access rights) is no sign that it is not there.
    private static bool IsGone(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return false;
        }
        catch (ArgumentException)
        {
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    private static string ProcessNamespace() => Read(() => new FileInfo("/proc/self/ns/pid").LinkTarget);

    private static string BootId() => Read(() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim());

    private static string Read(Func<string?> source)
    {
        try
        {
            return OperatingSystem.IsLinux() ? source() ?? "" : "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
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
                return fields[0] == "Z" ? Ended : fields[19];
            }

            using var process = Process.GetProcessById(processId);
            return process.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception)
        {
            // Not there, or not ours to see; nothing that may end a sweep.
            return null;
        }
    }
}
