using Offpeak.Benchmarks.Reporting;

namespace Offpeak.Benchmarks;

internal interface IBenchmark
{
    /// <summary>The name for <c>--only</c>.</summary>
    string Name { get; }

    IAsyncEnumerable<Figure> RunAsync(Scale scale);
}
