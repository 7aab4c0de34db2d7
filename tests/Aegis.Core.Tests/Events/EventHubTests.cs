using Aegis.Events;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Moq;

namespace Aegis.Core.Tests.Events;

public class EventHubTests
{
    private static readonly AegisEvent Any = new(DecisionId.Next(), new UserInput("hi"), new("s"), Verdict.None, Decision.Allow);

    [Fact]
    public void ASinkThatThrowsIsIsolatedLoggedOnceAndCounted()
    {
        var log = new FakeLogger();
        var heard = new List<AegisEvent>();
        var hub = new EventHub([new Sink(_ => throw new IOException("S3CR3T-TAINT")), new Sink(heard.Add), new Sink(_ => throw new OperationCanceledException())], log);

        for (var i = 0; i < 3; i++)
        {
            hub.Publish(Any);
        }

        Assert.Equal(3, heard.Count);
        Assert.Equal(6, hub.Failures);
        Assert.Equal(
            ["Event sink Sink threw IOException; further failures of it are only counted", "Event sink Sink threw OperationCanceledException; further failures of it are only counted"],
            log.Collector.GetSnapshot().Select(record => record.Message));
        Assert.All(log.Collector.GetSnapshot(), record => Assert.Equal(LogLevel.Error, record.Level));
    }

    [Fact]
    public void ALogThatThrowsIsIsolatedToo()
    {
        var log = new Mock<ILogger>();
        log.Setup(l => l.IsEnabled(It.IsAny<LogLevel>())).Throws(new ObjectDisposedException("log"));
        var heard = new List<AegisEvent>();
        var hub = new EventHub([new LoggerSink(log.Object), new Sink(heard.Add)], log.Object);

        hub.Publish(Any);

        Assert.Same(Any, Assert.Single(heard));
        Assert.Equal(1, hub.Failures);
    }

    [Fact]
    public void FailuresAreCountedExactlyFromManyThreads()
    {
        var log = new FakeLogger();
        var hub = new EventHub([new Sink(_ => throw new IOException())], log);

        Parallel.For(0, 1_000, _ => hub.Publish(Any));

        Assert.Equal(1_000, hub.Failures);
        Assert.Equal(1, log.Collector.Count);
    }

    private sealed class Sink(Action<AegisEvent> write) : IEventSink
    {
        public void Write(AegisEvent e) => write(e);
    }
}
