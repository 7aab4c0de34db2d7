using CsCheck;

namespace Aegis.Core.Tests.Sessions;

public class RiskTrailTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>Some texts, each with a level and a pause before it; many come again.</summary>
    private static readonly Gen<(int Text, byte Level, int Minutes)[]> Inputs = Gen.Select(Gen.Int[0, 40], Gen.OneOf(Gen.Const((byte)0), Gen.Byte[0, RiskMark.Blocked]), Gen.Frequency((9, Gen.Int[0, 5]), (1, Gen.Int[-90, 90]))).Array[0, 60];

    [Fact]
    public void ItIsBoundedWhateverHappens() => Inputs.Sample(static inputs =>
    {
        var (trail, now) = (default(RiskTrail), Now);
        foreach (var (text, level, minutes) in inputs)
        {
            now = now.AddMinutes(minutes);
            (trail, var length) = RiskTrail.Add(trail, Mark(text, level), now, Hour);
            Assert.InRange(length, trail is null ? 0 : 1, trail?.Marks.Length ?? 0);
            if (trail is not null)
            {
                Assert.InRange(trail.Marks.Length, 1, RiskTrail.MaxLength);
                Assert.NotEqual(0, trail.Marks[0].Level);
                Assert.Equal(trail.Marks.Length, trail.Marks.Select(static mark => mark.Bits >> 8).Distinct().Count());
            }
        }
    }, iter: 2_000);

    [Fact]
    public void TheSameTextAgainChangesNothing() => Inputs.Sample(static inputs =>
    {
        var trail = default(RiskTrail);
        foreach (var (text, level, _) in inputs)
        {
            (trail, var length) = RiskTrail.Add(trail, Mark(text, level), Now, Hour);
            var (again, same) = RiskTrail.Add(trail, Mark(text, level), Now.AddMinutes(1), Hour);
            Assert.Same(trail, again);
            Assert.Equal(length, same);
        }
    }, iter: 1_000);

    [Fact]
    public void WhatHasNoRiskIsRememberedOnlyBehindWhatHasSome()
    {
        Assert.Equal((null, 0), RiskTrail.Add(null, Mark(1, 0), Now, Hour));
        var (trail, length) = (default(RiskTrail), 0);
        (trail, length) = RiskTrail.Add(trail, Mark(1, 50), Now, Hour);
        for (var text = 2; text <= RiskTrail.MaxLength; text++)
        {
            (trail, length) = RiskTrail.Add(trail, Mark(text, 0), Now, Hour);
            Assert.Equal((text, text), (length, trail!.Marks.Length));
        }

        Assert.Equal((null, 0), RiskTrail.Add(trail, Mark(99, 0), Now, Hour));   // the one that had some is the seventeenth
    }

    [Fact]
    public void ATextIsRememberedAsTheWorstThatWasSaidOfIt()
    {
        var (trail, _) = RiskTrail.Add(null, Mark(1, 50), Now, Hour);
        (trail, _) = RiskTrail.Add(trail, Mark(2, 90), Now, Hour);
        (trail, var length) = RiskTrail.Add(trail, Mark(1, RiskMark.Blocked), Now, Hour);
        Assert.Equal(1, length);
        Assert.Equal([RiskMark.Blocked, (byte)90], trail!.Marks.Select(static mark => mark.Level));
        (trail, _) = RiskTrail.Add(trail, Mark(1, 0), Now, Hour);
        Assert.Equal(RiskMark.Blocked, trail!.Marks[0].Level);
    }

    [Fact]
    public void SilenceEndsItAndOnlySilence()
    {
        var (trail, _) = RiskTrail.Add(null, Mark(1, 50), Now, Hour);
        for (var minutes = 50; minutes < 400; minutes += 50)
        {
            (trail, _) = RiskTrail.Add(trail, Mark(minutes, 0), Now.AddMinutes(minutes), Hour);
        }

        Assert.Equal(8, trail!.Marks.Length);
        Assert.False(trail.IsOver(Now.AddMinutes(409)));
        Assert.True(trail.IsOver(Now.AddMinutes(410)));
        Assert.Single(RiskTrail.Add(trail, Mark(2, 50), Now.AddMinutes(410), Hour).Trail!.Marks);
        Assert.Null(RiskTrail.Add(trail, Mark(2, 0), Now.AddMinutes(410), Hour).Trail);
    }

    [Fact]
    public void AClockThatJumpsBackForgetsNothing()
    {
        var (trail, _) = RiskTrail.Add(null, Mark(1, 50), Now, Hour);
        (trail, _) = RiskTrail.Add(trail, Mark(2, 50), Now.AddHours(-5), Hour);
        Assert.Equal(2, trail!.Marks.Length);
        Assert.False(trail.IsOver(Now.AddMinutes(59)));
    }

    [Fact]
    public void TextsAreTheSameOnlyToTheLetter()
    {
        Assert.True(RiskMark.Of("a", 1).IsSameText(RiskMark.Of("a", 200)));
        Assert.All(["", "b", "A", "a ", "a\0", "aa"], static other => Assert.False(RiskMark.Of("a", 1).IsSameText(RiskMark.Of(other, 1))));
        Assert.Equal((byte)RiskMark.Blocked, RiskMark.Of("a", RiskMark.Blocked).Level);
    }

    [Theory]
    [InlineData(0, 0), InlineData(0.004, 1), InlineData(0.7, 140), InlineData(0.95, 190), InlineData(1, 200), InlineData(7, 200), InlineData(-1, 0)]
    public void RisksAreKeptToHalfAHundredth(double risk, byte level)
    {
        Assert.Equal(level, RiskMark.LevelOf(risk));
        Assert.InRange(RiskMark.RiskOf(level), Math.Clamp(risk, 0, 1) - 0.0025, Math.Clamp(risk, 0, 1) + 0.0025);
    }

    [Fact]
    public void TrailsAreEqualByWhatTheySay()
    {
        var trail = new RiskTrail([Mark(1, 2)], 3);
        Assert.Equal(trail, new([Mark(1, 2)], 3));
        Assert.Equal(trail.GetHashCode(), new RiskTrail([Mark(1, 2)], 3).GetHashCode());
        Assert.NotEqual(trail, new([Mark(1, 3)], 3));
        Assert.NotEqual(trail, new([Mark(1, 2)], 4));
    }

    private static RiskMark Mark(int text, byte level) => RiskMark.Of(FormattableString.Invariant($"text {text}"), level);
}
