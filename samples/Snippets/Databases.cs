using Microsoft.Extensions.DependencyInjection;
using Offpeak;

namespace Snippets;

internal static class Databases
{
    public static void Add(IServiceCollection services)
    {
        #region postgresql
        services.AddOffpeak(offpeak => offpeak
            .UsePostgreSql("postgres://app:secret@db.example:5432/app", postgres => postgres.Schema = "offpeak")
            .AddOpenAI());
        #endregion
    }
}
