#region error-tracker
using Offpeak;
using Offpeak.Diagnostics;
#endregion
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

internal static class ErrorTracker
{
    public static void Add(IServiceCollection services)
    {
        #region error-tracker
        services.AddOffpeak(offpeak => offpeak.UseSqlite("offpeak.db").AddOpenAI().ReportErrorsTo<Tracker>());
        #endregion
    }

    #region error-tracker
    public sealed class Tracker : IErrorReporter
    {
        public void Report(Exception exception, string component, long? batchId) =>
            Console.Error.WriteLine($"{component}, batch {batchId}: {exception.Message}");
    }
    #endregion
}
