namespace Offpeak.Storage.Sql;

/// <summary>The clock that a store compares with: its database's own, or a given one.</summary>
internal abstract class SqlClock
{
    /// <summary>The moment of the statement, as SQL.</summary>
    public abstract string Now { get; }

    /// <summary>The moment of the statement and a delay that is bound to a parameter, as SQL.</summary>
    public abstract string After(string parameter);

    /// <summary>What is bound for a delay.</summary>
    public abstract object Bind(TimeSpan delay);

    /// <summary>Binds what <see cref="Now"/> needs, if anything.</summary>
    public abstract void BindNow(SqlCommand command);
}

/// <summary>A given clock: the moment is a parameter.</summary>
internal sealed class GivenClock(TimeProvider time) : SqlClock
{
    public override string Now => "@now";

    public override string After(string parameter) => parameter;

    public override object Bind(TimeSpan delay) => (time.GetUtcNow() + delay).UtcDateTime;

    public override void BindNow(SqlCommand command) => command.Bind("now", time.GetUtcNow().UtcDateTime);
}
