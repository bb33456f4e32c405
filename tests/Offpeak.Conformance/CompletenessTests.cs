using System.Reflection;
using System.Text.RegularExpressions;
using Offpeak.Conformance.Local;
using Offpeak.Conformance.Stores;
using Offpeak.Conformance.Subjects;
using Offpeak.Conformance.Support;
using Offpeak.Local;
using Offpeak.Providers;

namespace Offpeak.Conformance;

/// <summary>A provider or a suite that somebody adds and forgets here fails these tests.</summary>
public sealed partial class CompletenessTests
{
    /// <summary>Does the work itself, so its suites stand on other ground than an emulator; they have the same names.</summary>
    private static readonly Dictionary<Type, Type> WithOwnSuites = new() { [typeof(LocalBatchProvider)] = typeof(LocalConformance) };

    private static readonly List<Type> Suites =
        [.. typeof(CompletenessTests).Assembly.GetTypes().Where(type => IsSuite(type))];

    [Fact]
    public void Every_provider_runs_every_suite()
    {
        Assert.NotEmpty(Suites);
        var missing = from provider in ProviderTypes()
                      from suite in Suites
                      where !Runs(provider, suite) && !NotApplicable.All.Any(exception => Concerns(exception, provider, suite))
                      select $"{provider.Name} does not run {suite.Name}";
        Assert.Empty(missing);
    }

    [Fact]
    public void What_is_not_applicable_names_a_suite_that_is_not_run_and_says_why()
    {
        Assert.All(NotApplicable.All, exception =>
        {
            Assert.Contains(exception.Provider, ProviderTypes());
            Assert.False(Runs(exception.Provider, Assert.Single(Suites, suite => NameOf(suite) == exception.Suite)));
            Assert.NotEmpty(exception.Reason);
        });
    }

    [Fact]
    public void Every_provider_in_the_source_is_built_into_these_tests()
    {
        var named = from file in Directory.EnumerateFiles(Path.Combine(Root(), "src"), "*.cs", SearchOption.AllDirectories)
                    from Match match in ProviderClass().Matches(File.ReadAllText(file))
                    select match.Groups[1].Value;
        Assert.Equal(named.Distinct().Order(), ProviderTypes().Select(type => type.Name).Order());
    }

    [Fact]
    public void Every_store_driver_runs_every_store_suite()
    {
        var (suites, subjects) = (StoreTypes(typeof(StoreSuite<>)), StoreTypes(typeof(StoreSubject)));
        Assert.True(suites.Count >= 7 && subjects.Count >= 2, $"{suites.Count} suites, {subjects.Count} drivers");
        var missing = from subject in subjects
                      from suite in suites
                      where !typeof(CompletenessTests).Assembly.GetExportedTypes().Any(type => type.BaseType == suite.MakeGenericType(subject))
                      select $"{subject.Name} does not run {suite.Name}";
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_store_driver_in_the_source_has_a_subject()
    {
        var drivers = Directory.EnumerateFiles(Path.Combine(Root(), "src"), "*Store.cs", SearchOption.AllDirectories)
            .Count(file => StoreClass().IsMatch(File.ReadAllText(file)));
        Assert.Equal(drivers, StoreTypes(typeof(StoreSubject)).Count);
    }

    // A suite is abstract and derives from the first suite, a subject is not and derives from the first subject.
    private static List<Type> StoreTypes(Type root) =>
    [
        .. typeof(CompletenessTests).Assembly.GetExportedTypes().Where(type => type.IsAbstract == root.IsGenericTypeDefinition
            && (type.BaseType is { IsGenericType: true } parent ? parent.GetGenericTypeDefinition() : type.BaseType) == root),
    ];

    private static List<Type> ProviderTypes() =>
    [
        .. Directory.EnumerateFiles(AppContext.BaseDirectory, "Offpeak*.dll")
            .Select(file => Assembly.Load(Path.GetFileNameWithoutExtension(file)))
            .Where(assembly => assembly != typeof(CompletenessTests).Assembly)
            .SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => type.IsClass && !type.IsAbstract && type.IsAssignableTo(typeof(IBatchProvider))),
    ];

    private static bool Runs(Type provider, Type suite) => WithOwnSuites.TryGetValue(provider, out var own)
        ? own.GetNestedType(NameOf(suite)) is { IsAbstract: false } tests
            && tests.GetMethods().Any(method => method.IsDefined(typeof(FactAttribute), inherit: true))
        : ConcreteOf(suite).Contains(provider);

    private static bool Concerns(NotApplicable exception, Type provider, Type suite) =>
        exception.Provider == provider && exception.Suite == NameOf(suite);

    private static string NameOf(Type suite) => suite.Name[..suite.Name.IndexOf("Suite", StringComparison.Ordinal)];

    /// <summary>The providers that run a suite.</summary>
    private static HashSet<Type> ConcreteOf(Type suite) =>
    [
        .. typeof(CompletenessTests).Assembly.GetExportedTypes()
            .Where(type => !type.IsAbstract && type.BaseType is { IsGenericType: true } parent && parent.GetGenericTypeDefinition() == suite)
            .Select(type => (ProviderSubject)Activator.CreateInstance(type.BaseType!.GetGenericArguments()[0])!)
            .Select(subject => subject.ProviderType),
    ];

    private static bool IsSuite(Type type) =>
        type is { IsClass: true, IsAbstract: true, IsGenericTypeDefinition: true } && type != typeof(ProviderSuite<>)
        && type.GetGenericArguments()[0].BaseType == typeof(ProviderSubject);

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Offpeak.slnx")))
            folder = folder.Parent!;
        return folder.FullName;
    }

    [GeneratedRegex(@"^public (?:sealed |partial )*class (\w+)[^{]*\bIBatchProvider\b", RegexOptions.Multiline)]
    private static partial Regex ProviderClass();

    [GeneratedRegex(@"\bclass \w+[^{]*: SqlStore\b", RegexOptions.Multiline)]
    private static partial Regex StoreClass();
}
