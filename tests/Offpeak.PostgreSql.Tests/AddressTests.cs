using Npgsql;

namespace Offpeak.PostgreSql.Tests;

public sealed class AddressTests
{
    [Theory]
    [InlineData("postgres://ann:secret@db.example:6000/jobs", "Host=db.example;Port=6000;Database=jobs;Username=ann;Password=secret")]
    [InlineData("postgresql://db.example", "Host=db.example")]
    [InlineData("POSTGRES://ann@db/jobs", "Host=db;Database=jobs;Username=ann")]
    [InlineData("postgres://ann:p%40ss%2Fw%3Ard%25@db/jobs", "Host=db;Database=jobs;Username=ann;Password=p@ss/w:rd%")]
    [InlineData("postgres://ann:p@ss:w@db/jobs", "Host=db;Database=jobs;Username=ann;Password=p@ss:w")]
    [InlineData("postgres://ann:a'b;c\"d@db/jobs", "Host=db;Database=jobs;Username=ann;Password=\"a'b;c\"\"d\"")]
    [InlineData("postgres://[::1]:6000/jobs", "Host=::1;Port=6000;Database=jobs")]
    [InlineData("postgres://[::1]/jobs", "Host=::1;Database=jobs")]
    [InlineData("postgres://%2Frun%2Fpostgresql/jobs", "Host=/run/postgresql;Database=jobs")]
    [InlineData("postgres:///jobs?host=/run/postgresql&user=ann", "Host=/run/postgresql;Database=jobs;Username=ann")]
    [InlineData("postgres://one:1,two:2/jobs?target_session_attrs=read-write", "Host=one:1,two:2;Database=jobs;Target Session Attributes=read-write")]
    [InlineData("postgres://db/jobs?sslmode=verify-full&sslrootcert=/ca.pem", "Host=db;Database=jobs;SSL Mode=VerifyFull;Root Certificate=/ca.pem")]
    [InlineData("postgres://db/jobs?sslmode=require&channel_binding=require", "Host=db;Database=jobs;SSL Mode=Require;Channel Binding=Require")]
    [InlineData("postgres://db/jobs?connect_timeout=3&application_name=a%20b", "Host=db;Database=jobs;Timeout=3;Application Name=\"a b\"")]
    [InlineData("postgres://db/jobs?maximum_pool_size=3", "Host=db;Database=jobs;Maximum Pool Size=3")]
    [InlineData("Host=db;Database=jobs;Username=ann", "Host=db;Database=jobs;Username=ann")]
    public void Parse_WhatLibpqTakes_GivesTheDriversWords(string address, string expected) =>
        Assert.True(new NpgsqlConnectionStringBuilder(expected).EquivalentTo(PostgreSqlAddress.Parse(address)));

    [Theory]
    [InlineData("postgres://", "names no host")]
    [InlineData("postgres:///jobs", "names no host")]
    [InlineData("postgres://ann:hush/hush@db/jobs", "%2F")]
    [InlineData("postgres://ann:hush?hush@db/jobs", "%3F")]
    [InlineData("postgres://ann:1?hush=hush@db/jobs", "%3F")]
    [InlineData("postgres://ann:1/hush@db/jobs", "%2F")]
    [InlineData("postgres://ann:hush%@db/jobs", "the password holds a '%'")]
    [InlineData("postgres://ann:hush%zz@db/jobs", "the password holds a '%'")]
    [InlineData("postgres://db:hush/jobs", "the port is not a number")]
    [InlineData("postgres://db/jobs?sslmode=hush", "sslmode is disable, allow")]
    [InlineData("postgres://db/jobs?connect_timeout=hush", "not a number of seconds")]
    [InlineData("postgres://db/jobs?pgbouncer=hush", "pgbouncer")]
    [InlineData("postgres://db/jobs?pooling=hush", "pooling")]
    [InlineData("Host=db;Port=hush", "use postgres://")]
    [InlineData("Database=hush", "names no host")]
    [InlineData("hush", "use postgres://")]
    public void Parse_WhatCannotBeRead_SaysWhatToDoAndNoValue(string address, string expected)
    {
        var error = Assert.Throws<OffpeakException>(() => PostgreSqlAddress.Parse(address));

        Assert.Equal(OffpeakErrorCode.InvalidInput, error.Code);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", error.ToString(), StringComparison.Ordinal);
    }
}
