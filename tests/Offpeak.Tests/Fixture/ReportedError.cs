namespace Offpeak.Tests.Fixture;

internal sealed record ReportedError(Exception Exception, string Component, long? BatchId);
