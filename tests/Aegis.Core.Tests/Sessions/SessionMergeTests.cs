namespace Aegis.Core.Tests.Sessions;

public class SessionMergeTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly SessionId Session = new("s");

    [Fact]
    public void WindowsOfTwoTimesCanBeReadAgain()
    {
        var account = new MeterKey("k", TimeSpan.TicksPerHour);
        var (earlier, later) = (Filled(0), Filled(65));

        var merged = SessionMerge.Strictest(SessionState.Empty with { Meters = [earlier] }, SessionState.Empty with { Meters = [later] });

        var read = SessionState.FromBytes(Session, merged.ToBytes(Session)).Meters.Single();
        Assert.Equal(later.Used(At(129)), read.Used(At(129)));   // what is more than a window older than the newest counts for nobody

        WindowMeter Filled(int from) => Enumerable.Range(from, 65).Aggregate(new WindowMeter(account, 0, 0, []), static (meter, bucket) => meter.Add(At(bucket), 1));

        static DateTimeOffset At(int bucket) => Start.AddTicks(bucket * (TimeSpan.TicksPerHour / WindowMeter.Buckets));
    }

    [Fact]
    public void ALongerTrailDoesNotHideAWorseOne()
    {
        var ends = Start.AddHours(1).UtcTicks;
        var longer = new RiskTrail([.. Enumerable.Range(0, RiskTrail.MaxLength).Select(static i => RiskMark.Of($"text {i}", i == 0 ? (byte)1 : (byte)0))], ends);
        var worse = new RiskTrail([RiskMark.Of("attack", RiskMark.Blocked), RiskMark.Of("text 0", 150)], ends + 1);

        foreach (var (a, b) in new[] { (longer, worse), (worse, longer) })
        {
            var both = SessionMerge.Strictest(SessionState.Empty with { Risks = a }, SessionState.Empty with { Risks = b });
            Assert.Contains(RiskMark.Of("attack", RiskMark.Blocked), both.Risks!.Marks);
            Assert.Contains(RiskMark.Of("text 0", 150), both.Risks.Marks);
            Assert.Equal(ends + 1, both.Risks.ExpiresTicks);
            Assert.Equal(both.Risks, SessionState.FromBytes(Session, both.ToBytes(Session)).Risks);
        }
    }

    [Fact]
    public void OfTooManyRunsThoseStayThatCanGoOnAndHaveSpentMost()
    {
        var ends = Start.AddHours(1).UtcTicks;
        var closed = SessionState.Empty with { Runs = [.. Enumerable.Range(1, SessionState.MaxRuns).Select(i => new RunState(new(i, 1), default, ends) { Closed = true })] };
        var spent = new RunState(new(1, 2), default, ends) { Risk = 0.9 };

        Assert.Contains(spent, SessionMerge.Strictest(closed, SessionState.Empty with { Runs = [spent] }).Runs);
        Assert.Equal(SessionState.MaxRuns, SessionMerge.Strictest(closed, SessionState.Empty with { Runs = [spent] }).Runs.Length);
    }
}
