using Aegis.Flow;
using Aegis.Tools.Effects;

namespace Aegis.Core.Tests.Flow;

public class RuleOfTwoTests
{
    private static readonly (ToolReach Reach, SessionLabels Returns)[] Classes =
        [.. from reach in new[] { ToolReach.Read, ToolReach.Write, ToolReach.Egress }
            from returns in new[] { SessionLabels.None, SessionLabels.Untrusted, SessionLabels.Private, SessionLabels.Both }
            select (reach, returns)];

    /// <summary>All sequences of up to six calls of twelve classes, with a person who always says no: in none does a call send or change something once both kinds were read.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public void NoSequenceOfCallsReadsBothAndSends(bool declassified)
    {
        var (paths, bad) = (0, 0);
        Walk(SessionLabels.None, readUntrusted: false, readPrivate: false, depth: 0);
        Assert.Equal(12 + 144 + 1_728 + 20_736 + 248_832 + 2_985_984, paths);
        Assert.Equal(0, bad);

        void Walk(SessionLabels labels, bool readUntrusted, bool readPrivate, int depth)
        {
            for (var i = 0; depth < 6 && i < Classes.Length; i++)
            {
                paths++;
                var (reach, returns) = Classes[i];
                var (untrusted, isPrivate) = (readUntrusted || (returns & SessionLabels.Untrusted) != 0, readPrivate || (returns & SessionLabels.Private) != 0);
                if (RuleOfTwo.Forbids(labels | returns, reach, declassified, alwaysAsks: true))
                {
                    Walk(labels, readUntrusted, readPrivate, depth + 1);   // it did not run
                    continue;
                }

                bad += reach != ToolReach.Read && untrusted && isPrivate ? 1 : 0;   // in the words of the rule, not of its code
                Walk(labels | returns, untrusted, isPrivate, depth + 1);
            }
        }
    }

    [Fact]
    public void LabelsAreNeverTakenAway()
    {
        var charge = new Charge { Now = DateTimeOffset.UnixEpoch, Run = new(RunId.Next(), default, DateTimeOffset.UnixEpoch, 0, false, 0), Limits = new(1, 1, TimeSpan.FromHours(1), 1, 1, new("r", "s", "k", BudgetMeter.Runs, 1, TimeSpan.FromHours(1)), []) };
        var state = SessionState.Empty;
        foreach (var labels in new[] { SessionLabels.Private, SessionLabels.None, SessionLabels.Untrusted, SessionLabels.None })
        {
            var before = state.Labels;
            (state, _) = Ledger.Apply(state, charge with { Labels = labels });
            Assert.Equal(before | labels, state.Labels);
        }

        Assert.Equal(SessionLabels.Both, state.Compact(DateTimeOffset.MaxValue).Labels);
    }

    [Fact]
    public void ACallThatWasJudgedBeforeTheSessionReadSomethingIsRefused()
    {
        var charge = new Charge { Now = DateTimeOffset.UnixEpoch, Run = new(RunId.Next(), default, DateTimeOffset.UnixEpoch, 0, false, 0), Limits = new(1, 1, TimeSpan.FromHours(1), 1, 1, new("r", "s", "k", BudgetMeter.Runs, 1, TimeSpan.FromHours(1)), []), DependsOnLabels = true };
        var (read, _) = Ledger.Apply(SessionState.Empty, charge with { Labels = SessionLabels.Untrusted, DependsOnLabels = false });
        Assert.Equal("flow/changed", Ledger.Apply(read, charge).Refusal?.Rule);
        Assert.Null(Ledger.Apply(read, charge with { Seen = SessionLabels.Untrusted }).Refusal);
    }
}
