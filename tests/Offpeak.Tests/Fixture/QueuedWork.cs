using Offpeak.Work;

namespace Offpeak.Tests.Fixture;

internal sealed record QueuedWork(WorkItem Item, TimeSpan Delay);
