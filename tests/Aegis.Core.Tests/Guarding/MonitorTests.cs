using Aegis.Events;
using Aegis.Policies;
using Aegis.Tools;

namespace Aegis.Core.Tests.Guarding;

public sealed class MonitorTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ALimitThatWouldHaveBlockedIsRecordedWhetherOrNotAnybodySaysWhoseRunItIs(bool isNamed)
    {
        var rules = new List<string?>();
        var guard = AegisGuard.Create(
            AegisPolicy.Preset("balanced") with { Mode = PolicyMode.Monitor, Limits = new Dictionary<string, RateLimit> { ["pay"] = new(1, TimeSpan.FromHours(1)) } },
            builder => builder.AddSink(new Recorder(rules)));
        for (var i = 0; i < 3; i++)
        {
            var run = new AegisRun(guard, isNamed ? new SessionId("alice") : null, parent: null, startedByMessages: false);
            var inspection = await guard.Pipeline.InspectAsync(new ToolCall("pay", ToolArguments.Empty), run, TestContext.Current.CancellationToken);
            Assert.True(inspection.MayProceed);
        }

        Assert.Equal(["tool/unknown", "limit/pay", "limit/pay"], rules);
    }

    private sealed class Recorder(List<string?> rules) : IEventSink
    {
        public void Write(AegisEvent e) => rules.Add(e.Verdict.Rule);
    }
}
