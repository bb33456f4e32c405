using Microsoft.Extensions.Logging;

namespace Offpeak.Tests.Fixture;

internal sealed record LogLine(LogLevel Level, string Text, Exception? Exception);
