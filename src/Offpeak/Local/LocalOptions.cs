using Microsoft.Extensions.Configuration;
using Offpeak.Providers;

namespace Offpeak.Local;

/// <summary>Settings of a provider that this process is itself: a chat client, called once for each entry.</summary>
public sealed class LocalOptions
{
    /// <summary>The configuration section that is read into these options.</summary>
    public const string SectionName = "Offpeak:Local";

    /// <summary>The name used in <c>provider/model</c>. Default <c>local</c>.</summary>
    public string Name { get; set; } = "local";

    /// <summary>Calls at the same time in this process, over all batches. Default 4.</summary>
    public int MaxConcurrency { get; set; } = 4;

    /// <summary>Most calls begun in a minute by this process; null: no limit. Default null.</summary>
    public int? RequestsPerMinute { get; set; }

    /// <summary>
    /// Most tokens in a minute, input and output, in this process; null: no limit. What a call will use is estimated before it and put right
    /// after it. Default null.
    /// </summary>
    public int? TokensPerMinute { get; set; }

    /// <summary>How often one entry is tried before it goes into the next round. Default 3.</summary>
    public int MaxAttempts { get; set; } = 3;

    /// <summary>Wait before the second try, doubled with each further one; a wait the server asks for is the minimum. Default 1 s.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Time limit of one call. Default 10 min.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long one poll goes on beginning calls before it makes room for other batches; the next poll follows at once. Default 20 s.
    /// </summary>
    public TimeSpan SliceDuration { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Says what an exception of the chat client means; null takes the built-in rules, which know <see cref="HttpRequestException"/> and
    /// time-outs and take everything else for passing.
    /// </summary>
    public Func<Exception, LocalFailure?>? Classify { get; set; }

    /// <summary>
    /// How keys begin that a server may repeat in its errors; words that begin so are taken out of them. Default <c>sk-</c>.
    /// </summary>
    public IReadOnlyList<string> KeyPrefixes { get; set; } = ["sk-"];

    /// <summary>Reads the section <see cref="SectionName"/>.</summary>
    public static LocalOptions FromConfiguration(IConfiguration? configuration)
    {
        var options = new LocalOptions();
        var section = new ProviderSettings(configuration, SectionName);
        options.Name = section.Text(nameof(Name)) ?? options.Name;
        options.MaxConcurrency = section.Count(nameof(MaxConcurrency)) ?? options.MaxConcurrency;
        options.RequestsPerMinute = section.Count(nameof(RequestsPerMinute));
        options.TokensPerMinute = section.Count(nameof(TokensPerMinute));
        options.MaxAttempts = section.Count(nameof(MaxAttempts)) ?? options.MaxAttempts;
        options.RetryDelay = section.Duration(nameof(RetryDelay)) ?? options.RetryDelay;
        options.RequestTimeout = section.Duration(nameof(RequestTimeout)) ?? options.RequestTimeout;
        options.SliceDuration = section.Duration(nameof(SliceDuration)) ?? options.SliceDuration;
        return options;
    }

    internal LocalOptions Copy() => (LocalOptions)MemberwiseClone();
}
