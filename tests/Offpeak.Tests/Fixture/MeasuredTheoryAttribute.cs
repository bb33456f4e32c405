using System.Runtime.CompilerServices;

namespace Offpeak.Tests.Fixture;

/// <summary>As <see cref="MeasuredFactAttribute"/>, for a test with rows.</summary>
internal sealed class MeasuredTheoryAttribute : TheoryAttribute
{
    public MeasuredTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Skip = new MeasuredFactAttribute(file, line).Skip;
}
