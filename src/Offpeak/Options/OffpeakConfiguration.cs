using System.Globalization;
using Microsoft.Extensions.Configuration;
using Offpeak.Models;
using Offpeak.Policies;
using Offpeak.Words;

namespace Offpeak.Options;

/// <summary>
/// Reads the section <c>Offpeak</c>, setting by setting: no reflection on the way, and a name that is no setting is refused with the one that
/// was probably meant.
/// </summary>
internal static class OffpeakConfiguration
{
    private const string RootName = "Offpeak";

    private static readonly Dictionary<string, Action<ConcurrencyOptions, IConfigurationSection>> Concurrency = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Submits"] = (o, s) => o.Submits = Count(s),
        ["Polls"] = (o, s) => o.Polls = Count(s),
        ["Ingests"] = (o, s) => o.Ingests = Count(s),
        ["Handlers"] = (o, s) => o.Handlers = Count(s),
        ["ToolBatches"] = (o, s) => o.ToolBatches = Count(s),
        ["LocalBatches"] = (o, s) => o.LocalBatches = Count(s),
    };

    private static readonly string[] PriceSettings = ["Input", "CachedInput", "Output", "CacheWrite", "BatchFactor", "CachedBatchFactor"];

    private static readonly string[] ModelSettings = ["Price", "CanBatch", "Endpoints", "MaxOutputTokens", "Effective", "Source"];

    private static readonly Dictionary<string, Action<OffpeakOptions, IConfigurationSection>> Settings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["PollSchedule"] = (o, s) => o.PollSchedule = Read(s, PollSchedule.Parse),
        ["PollGrace"] = (o, s) => o.PollGrace = Time(s),
        ["ResumeInterval"] = (o, s) => o.ResumeInterval = Time(s),
        ["ReconcileInterval"] = (o, s) => o.ReconcileInterval = Time(s),
        ["ReconcileVisibilityWindow"] = (o, s) => o.ReconcileVisibilityWindow = Time(s),
        ["SubmitInterval"] = (o, s) => o.SubmitInterval = Time(s),
        ["ExpireInterval"] = (o, s) => o.ExpireInterval = Time(s),
        ["CleanUpInterval"] = (o, s) => o.CleanUpInterval = Time(s),
        ["PurgeInterval"] = (o, s) => o.PurgeInterval = Time(s),
        ["PurgeAfter"] = (o, s) => o.PurgeAfter = Time(s),
        ["MaxAge"] = (o, s) => Each(s, entry => o.MaxAge[entry.Key] = Time(entry)),
        ["MaxWait"] = (o, s) => o.MaxWait = Time(s),
        ["MaxEnqueuedTokens"] = (o, s) => Leaves(s, (name, entry) => o.MaxEnqueuedTokens[name] = Number(entry)),
        ["MaxRounds"] = (o, s) => o.MaxRounds = Count(s),
        ["MaxAnswerRetries"] = (o, s) => o.MaxAnswerRetries = Count(s),
        ["CanaryShare"] = (o, s) => o.CanaryShare = Read(s, text => double.Parse(text, CultureInfo.InvariantCulture)),
        ["ToolConcurrency"] = (o, s) => o.ToolConcurrency = Count(s),
        ["ToolTimeout"] = (o, s) => o.ToolTimeout = Time(s),
        ["IngestChunkSize"] = (o, s) => o.IngestChunkSize = Count(s),
        ["LeaseDuration"] = (o, s) => o.LeaseDuration = Time(s),
        ["HandlerMaxAttempts"] = (o, s) => o.HandlerMaxAttempts = Count(s),
        ["CleanUpProviderFiles"] = (o, s) => o.CleanUpProviderFiles = Switch(s),
        ["NotFoundWindow"] = (o, s) => o.NotFoundWindow = Time(s),
        ["MaxConcurrency"] = (o, s) => ReadAll(s, Concurrency, o.MaxConcurrency),
        ["Prices"] = (o, s) => Nodes(s, PriceSettings, (name, node) => o.Prices[name] = Price(node)),
        ["Models"] = (o, s) => Nodes(s, ModelSettings, (name, node) => o.Models[name] = Model(node)),
    };

    /// <summary>Reads a section into options.</summary>
    /// <exception cref="OffpeakException">A name is no setting, or a value cannot be read.</exception>
    public static void Read(IConfigurationSection section, OffpeakOptions options) => ReadAll(section, Settings, options);

    private static void ReadAll<T>(IConfigurationSection section, Dictionary<string, Action<T, IConfigurationSection>> settings, T options)
    {
        if (section.Value is { Length: > 0 })
            throw Refuse($"{section.Path} is a group of settings: {string.Join(", ", settings.Keys)}.");

        foreach (var child in section.GetChildren())
        {
            if (!settings.TryGetValue(child.Key, out var read))
            {
                if (section.Key == RootName && IsOfProvider(child, settings.Keys))
                    continue;

                throw Refuse($"{section.Path}:{child.Key} is no setting{Suggest(child.Key, settings.Keys)}");
            }

            read(options, child);
        }
    }

    private static void Each(IConfigurationSection section, Action<IConfigurationSection> read)
    {
        foreach (var child in section.GetChildren())
            read(child);
    }

    // A model's name may hold a colon (llama3:8b), which is what separates sections.
    private static void Leaves(IConfigurationSection root, Action<string, IConfigurationSection> read, IConfigurationSection? below = null)
    {
        foreach (var child in (below ?? root).GetChildren())
        {
            if (child.Value is not null)
                read(NameOf(root, child), child);
            else
                Leaves(root, read, child);
        }
    }

    private static void Nodes(IConfigurationSection section, string[] fields, Action<string, IConfigurationSection> read) =>
        Each(section, child => NodeOrBelow(section, child, fields, read));

    private static void NodeOrBelow(IConfigurationSection root, IConfigurationSection node, string[] fields, Action<string, IConfigurationSection> read)
    {
        var children = node.GetChildren().ToList();
        if (children.Exists(child => fields.Contains(child.Key, StringComparer.OrdinalIgnoreCase)))
        {
            if (children.Find(child => !fields.Contains(child.Key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
                throw Refuse($"{unknown.Path} is no setting{Suggest(unknown.Key, fields)}");

            read(NameOf(root, node), node);
            return;
        }

        if (children.Count == 0)
            throw Refuse($"{node.Path} needs one of {string.Join(", ", fields)}.");

        children.ForEach(child => NodeOrBelow(root, child, fields, read));
    }

    private static string NameOf(IConfigurationSection root, IConfigurationSection node) => node.Path[(root.Path.Length + 1)..];

    private static ModelPrice Price(IConfigurationSection node) => new(
        Money(node, "Input") ?? 0, Money(node, "CachedInput"), Money(node, "Output") ?? 0, Money(node, "CacheWrite"), Money(node, "BatchFactor"), Money(node, "CachedBatchFactor"));

    private static ModelInfo Model(IConfigurationSection node) => new()
    {
        Price = node.GetSection("Price") is var price && price.Exists() ? Price(price) : null,
        CanBatch = node["CanBatch"] is null || Switch(node.GetSection("CanBatch")),
        Endpoints = [.. node.GetSection("Endpoints").GetChildren().Select(child => child.Value!)],
        MaxOutputTokens = node["MaxOutputTokens"] is null ? null : Count(node.GetSection("MaxOutputTokens")),
        Effective = node["Effective"] is null ? null : Read(node.GetSection("Effective"), text => DateOnly.Parse(text, CultureInfo.InvariantCulture)),
        Source = node["Source"],
    };

    private static decimal? Money(IConfigurationSection node, string name) => node[name] is null
        ? null
        : Read(node.GetSection(name), text => decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));

    private static TimeSpan Time(IConfigurationSection section) => Read(section, text => TimeSpan.Parse(text, CultureInfo.InvariantCulture));

    private static int Count(IConfigurationSection section) => Read(section, text => int.Parse(text, CultureInfo.InvariantCulture));

    private static long Number(IConfigurationSection section) => Read(section, text => long.Parse(text, CultureInfo.InvariantCulture));

    private static bool Switch(IConfigurationSection section) => Read(section, bool.Parse);

    private static T Read<T>(IConfigurationSection section, Func<string, T> parse)
    {
        try
        {
            return parse(section.Value ?? "");
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            throw Refuse($"{section.Path} cannot be read from '{section.Value}': {error.Message}");
        }
    }

    // A provider reads a group of its own, and anybody may have written one: no list of them would be whole.
    private static bool IsOfProvider(IConfigurationSection child, IEnumerable<string> known) => child.Value is null && Nearest(child.Key, known) is null;

    private static string Suggest(string name, IEnumerable<string> known) =>
        Nearest(name, known) is { } nearest ? $"; did you mean {nearest}?" : $"; there are {string.Join(", ", known)}.";

    private static string? Nearest(string name, IEnumerable<string> known) => NearestWord.Of(name, known, least: 2);

    private static OffpeakException Refuse(string message) => new(OffpeakErrorCode.InvalidInput, message);
}
