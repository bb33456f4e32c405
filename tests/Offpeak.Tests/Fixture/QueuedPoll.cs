using Offpeak.Queues;

namespace Offpeak.Tests.Fixture;

internal sealed record QueuedPoll(PollRequest Request, TimeSpan Delay);
