using System.Data.Common;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Offpeak.Storage.Sql;

/// <summary>A command that is being filled with its parameters, then run once.</summary>
internal sealed class SqlCommand(DbCommand command, SqlClock clock)
{
    /// <summary>Binds a value. Text that a database could refuse is made storable.</summary>
    public SqlCommand Bind(string name, object? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value switch
        {
            null => DBNull.Value,
            string text => StorableText.From(text),
            DateTimeOffset moment => moment.UtcDateTime,
            TimeSpan span => span.ToString("c", CultureInfo.InvariantCulture),
            ReadOnlyMemory<byte> bytes => ToArray(bytes),
            _ => value,
        };
        command.Parameters.Add(parameter);
        return this;
    }

    /// <summary>Binds a value that only some statements name.</summary>
    public SqlCommand BindIf(bool isNamed, string name, object? value) => isNamed ? Bind(name, value) : this;

    /// <summary>Binds a delay from the moment of the statement, for <see cref="SqlClock.After"/>.</summary>
    public SqlCommand BindAfter(string name, TimeSpan delay)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = clock.Bind(delay);
        command.Parameters.Add(parameter);
        return this;
    }

    /// <summary>Binds a list of texts as <c>(@name0, @name1, …)</c>.</summary>
    public SqlCommand BindList(string name, IEnumerable<string> values)
    {
        var i = 0;
        foreach (var value in values)
            Bind($"{name}{i++}", value);

        return this;
    }

    public async Task<int> ExecuteAsync(CancellationToken ct)
    {
        await using (command)
        {
            Prepare();
            return await command.ExecuteNonQueryAsync(ct);
        }
    }

    public async Task<object?> ScalarAsync(CancellationToken ct)
    {
        await using (command)
        {
            Prepare();
            return await command.ExecuteScalarAsync(ct) is { } value and not DBNull ? value : null;
        }
    }

    public async Task<long> NumberAsync(CancellationToken ct) => Convert.ToInt64(await ScalarAsync(ct) ?? 0L, CultureInfo.InvariantCulture);

    /// <summary>Reads every row.</summary>
    public async Task<List<T>> ListAsync<T>(Func<SqlRow, T> read, CancellationToken ct)
    {
        await using (command)
        {
            Prepare();
            await using var reader = await command.ExecuteReaderAsync(ct);
            var rows = new List<T>();
            var row = new SqlRow(reader);
            while (await reader.ReadAsync(ct))
                rows.Add(read(row.Begin()));

            return rows;
        }
    }

    /// <summary>Reads the first row, or null.</summary>
    public async Task<T?> FirstAsync<T>(Func<SqlRow, T> read, CancellationToken ct)
        where T : class => (await ListAsync(read, ct)) is [var first, ..] ? first : null;

    private void Prepare()
    {
        if (command.CommandText.Contains("@now", StringComparison.Ordinal))
            clock.BindNow(this);
    }

    /// <summary>The bytes as an array of exactly their length, copied only where they are part of a longer one.</summary>
    public static byte[] ToArray(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length ? segment.Array : bytes.ToArray();
}
