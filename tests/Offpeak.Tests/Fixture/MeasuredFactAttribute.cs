using System.Runtime.CompilerServices;

namespace Offpeak.Tests.Fixture;

/// <summary>
/// A test that measures the real time or does much to find little. Mutation testing leaves it out: it runs every test many times, on a
/// machine that is busy with it, and a test that fails because of that would count a mutant as found.
/// </summary>
internal sealed class MeasuredFactAttribute : FactAttribute
{
#if MUTATION
    private const string Reason = "Not while mutants are tested.";
#else
    private const string? Reason = null;
#endif

    public MeasuredFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Skip = Reason;
}
