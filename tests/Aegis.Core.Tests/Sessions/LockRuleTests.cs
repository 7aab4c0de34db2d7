using CsCheck;

namespace Aegis.Core.Tests.Sessions;

public class LockRuleTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private static readonly LockRule Rule = new(SessionLockKind.Quarantined, 3, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(5), IsOfPrincipal: false, "");

    private static readonly Gen<(int Minute, ulong Text)[]> Attacks = Gen.Select(Gen.Int[0, 60], Gen.Int[1, 6]).Array[0, 20].Select(static all =>
        all.OrderBy(static attack => attack.Item1).Select(static attack => (attack.Item1, (ulong)attack.Item2 << 8)).ToArray());

    /// <summary>What it should do, in the plainest way: look at everything that was counted since the last lock.</summary>
    [Fact]
    public void TheLockBeginsWithTheAttackThatMakesSoManyDifferentOnesInTheWindow() => Gen.Select(Attacks, Gen.Int[1, 5]).Sample(static (attacks, after) =>
    {
        var (rule, state) = (Rule with { After = after }, SessionState.Empty);
        var (counted, lockedUntil) = (new List<(int Minute, ulong Text)>(), -1);
        foreach (var (minute, text) in attacks)
        {
            (state, var held) = rule.Count(state, text, Start.AddMinutes(minute), enforce: true);
            var open = counted.Where(one => one.Minute + 10 > minute).ToList();
            var locks = false;
            if (minute >= lockedUntil && open.TrueForAll(one => one.Text != text))
            {
                counted.Add((minute, text));
                locks = open.Count + 1 >= after;
            }

            if (locks)
            {
                (lockedUntil, counted) = (minute + 5, []);
            }

            Assert.Equal(locks, held is not null);
            Assert.Equal(minute < lockedUntil, state.IsLocked(Start.AddMinutes(minute)));
            Assert.InRange(state.Strikes.Length, 0, after - 1);
        }
    });

    [Fact]
    public void ATextCountsOnce()
    {
        var (state, _) = Rule.Count(SessionState.Empty, Strike.TextOf("a"), Start, enforce: true);
        Assert.Same(state, Rule.Count(state, Strike.TextOf("a"), Start.AddMinutes(1), enforce: true).State);
        Assert.NotEqual(Strike.TextOf("a"), Strike.TextOf("b"));
    }

    [Fact]
    public void WhatEndsASessionClosesItsRunsAndItsQuestionsAndAQuarantineKeepsThem()
    {
        var state = SessionState.Empty with
        {
            Runs = [new(new(1, 1), default, Start.AddHours(1).UtcTicks)],
            Pending = [new("q", [.. new byte[32]], "p", Start.AddHours(1))],
            Labels = SessionLabels.Untrusted,
        };
        var quarantined = (Rule with { After = 1 }).Count(state, 256, Start, enforce: true).State;
        Assert.Equal((1, 1, Start.AddMinutes(5)), (quarantined.Runs.Length, quarantined.Pending.Length, quarantined.Lock!.Until));

        var ended = (Rule with { After = 1, Kind = SessionLockKind.Terminated, Holds = null }).Count(state, 256, Start, enforce: true).State;
        Assert.Equal((0, 0, null, SessionLabels.Untrusted), (ended.Runs.Length, ended.Pending.Length, ended.Lock!.Until, ended.Labels));
        Assert.True(ended.IsLocked(Start.AddYears(50)));
    }

    [Fact]
    public void WhereNothingIsEnforcedItSaysThatItWouldLockAndDoesNot()
    {
        var (state, held) = (Rule with { After = 1 }).Count(SessionState.Empty, 256, Start, enforce: false);
        Assert.Equal(SessionLockKind.Quarantined, held!.Kind);
        Assert.Equal((null, true), (state.Lock, state.Strikes.IsEmpty));
    }

    [Fact]
    public void AHostsLockIsNotShortened()
    {
        var banned = SessionState.Empty with { Lock = new(SessionLockKind.Banned, null) };
        Assert.Equal((banned, null), (Rule with { After = 1 }).Count(banned, 256, Start, enforce: true));
    }

    [Fact]
    public void ItCountsWhereSomebodyAnswersForIt()
    {
        var ofUser = Rule with { IsOfPrincipal = true };
        var session = new SessionId("s", "ann", "acme");
        Assert.Equal(session, Rule.AccountOf(session));
        Assert.Equal(SessionId.OfPrincipal("ann", "acme"), ofUser.AccountOf(session));
        Assert.Equal(new SessionId("s"), ofUser.AccountOf(new("s")));
        Assert.All(new[] { Rule, ofUser }, static rule => Assert.Equal([null, null, null], new[] { SessionId.Conversation("c"), SessionId.Anonymous("r"), SessionId.Instance("g") }.Select(rule.AccountOf)));
    }
}
