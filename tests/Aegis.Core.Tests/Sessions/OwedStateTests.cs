using CsCheck;

namespace Aegis.Core.Tests.Sessions;

/// <summary>What is owed to a store that was away.</summary>
public class OwedStateTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Budget[] Budgets = [Of("a", 30), Of("b", 60)];
    private static readonly RunLimits Limits = new(9, 2.0, TimeSpan.FromMinutes(10), 2, 3, Of("runs", 20), []) { MaxJudged = 5 };

    [Fact]
    public void WhatIsBookedIsWhatWouldHaveHappenedInTheStore() =>
        Gen.Select(Moves, Moves).Sample(static (before, meanwhile) =>
        {
            var known = SessionState.Empty;
            var now = Now;
            foreach (var move in before)
            {
                known = Ledger.Apply(known, ChargeOf(move, now += TimeSpan.FromMilliseconds(move.Amount))).State;
            }

            var (direct, owed) = (known, OwedState.Nothing);
            foreach (var move in meanwhile)
            {
                var charge = ChargeOf(move, now += TimeSpan.FromMilliseconds(move.Amount));
                (direct, var expected) = Ledger.Apply(direct, charge);
                var seen = owed.Weighed(known, 1, owed, now);
                var (changed, refusal) = Ledger.Apply(seen, charge);
                Assert.Equal(expected?.Rule, refusal?.Rule);
                owed = ReferenceEquals(changed, seen) ? owed : owed.And(seen, changed, now)!;
            }

            var booked = owed.Book(known, now);
            Assert.All(Budgets, budget => Assert.Equal(direct.Used(budget, now), booked.Used(budget, now)));
            Assert.Equal(direct.Labels, booked.Labels);
            Assert.Equal(direct.Runs.OrderBy(static run => run.Id.Value), booked.Runs.OrderBy(static run => run.Id.Value));
        }, iter: 2_000);

    [Fact]
    public void WhatIsBookedTwiceGrantsNothingMore() => Moves.Sample(static moves =>
    {
        var owed = OwedState.Nothing;
        foreach (var move in moves)
        {
            var seen = owed.Weighed(SessionState.Empty, 1, owed, Now);
            var (changed, _) = Ledger.Apply(seen, ChargeOf(move, Now));
            owed = ReferenceEquals(changed, seen) ? owed : owed.And(seen, changed, Now)!;
        }

        var once = owed.Book(SessionState.Empty, Now);
        var twice = owed.Book(once, Now);
        Assert.All(Budgets, budget => Assert.Equal(2 * once.Used(budget, Now), twice.Used(budget, Now)));
        Assert.Equal(once.Runs.AsEnumerable(), twice.Runs);   // what only this process changes is the same
    }, iter: 1_000);

    [Fact]
    public void TextsWithARiskOfBothSidesAreRemembered()
    {
        var (a, b, c) = (RiskMark.Of("a", 150), RiskMark.Of("b", 160), RiskMark.Of("c", 170));
        var first = new RiskTrail([a, b], 5);

        Assert.Equal(first, RiskTrail.Both(first, null));
        Assert.Equal(first, RiskTrail.Both(null, first));
        Assert.Equal(new RiskTrail([a, b, c], 7), RiskTrail.Both(first, new RiskTrail([a, c], 7)));
        Assert.Equal(new RiskTrail([RiskMark.Of("a", 180), b], 5), RiskTrail.Both(first, new RiskTrail([RiskMark.Of("a", 180)], 3)));
        var many = RiskTrail.Both(new([.. Enumerable.Range(0, 16).Select(static i => RiskMark.Of($"x{i}", 100))], 1), new RiskTrail([a], 1))!;
        Assert.Equal((RiskTrail.MaxLength, a), (many.Marks.Length, many.Marks[^1]));
    }

    private static Gen<(int Kind, int Amount, int Run)[]> Moves => Gen.Select(Gen.Int[0, 6], Gen.Int[1, 9], Gen.Int[1, 3]).Array[0, 30];

    private static Budget Of(string key, long max) => new(key, "", key, BudgetMeter.ToolCalls, max, TimeSpan.FromHours(1));

    private static Charge ChargeOf((int Kind, int Amount, int Run) move, DateTimeOffset now)
    {
        var charge = new Charge { Now = now, Run = new(new(move.Run), move.Run == 3 ? new(1) : default, Now, 0, StartedByMessages: true, 0), Limits = Limits };
        return move.Kind switch
        {
            0 or 1 => charge with { Spends = [new(Budgets[move.Kind], move.Amount)] },
            2 => charge with { Step = true, Risk = move.Amount / 10.0 },
            3 => charge with { Call = ((ulong)move.Amount % 3) + 1, Advances = true },
            4 => charge with { Labels = move.Amount > 5 ? SessionLabels.Private : SessionLabels.Untrusted },
            5 => charge with { Closing = move.Amount == 9, Risk = 0.2 },
            _ => charge with { Asks = Helper.Judge },
        };
    }
}
