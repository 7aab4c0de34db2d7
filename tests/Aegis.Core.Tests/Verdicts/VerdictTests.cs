using CsCheck;

namespace Aegis.Core.Tests.Verdicts;

public class VerdictTests
{
    private static readonly Gen<Finding> AnyFinding =
        Gen.Select(Gen.OneOf("a/1", "a/2", "b/1"), Gen.Enum<Decision>(), Gen.Double[0, 1], static (rule, decision, risk) => new Finding(rule, decision, risk));

    private static readonly Gen<Verdict> AnyVerdict = Gen.OneOf(
        AnyFinding.Array[0, 4].Select(static findings => Verdict.Of(findings)),
        Gen.Double[-0.5, 1.5].Select(Verdict.Clean));

    [Fact]
    public void AndIsAssociative() => Gen.Select(AnyVerdict, AnyVerdict, AnyVerdict).Sample(static (a, b, c) => Same(a.And(b).And(c), a.And(b.And(c))), iter: 2_000);

    [Fact]
    public void NoneIsTheIdentityOfAnd() => AnyVerdict.Sample(static verdict => Same(verdict.And(Verdict.None), verdict) && Same(Verdict.None.And(verdict), verdict), iter: 1_000);

    [Fact]
    public void TheStrictestDecisionAndTheHighestRiskWin() => Gen.Select(AnyVerdict, AnyVerdict).Sample(static (a, b) =>
    {
        var both = a.And(b);
        Assert.Equal((Decision)Math.Max((int)a.Decision, (int)b.Decision), both.Decision);
        Assert.Equal(Math.Max(a.Risk, b.Risk), both.Risk);
        Assert.InRange(both.Risk, 0, 1);
    }, iter: 1_000);

    [Fact]
    public void FindingsKeepTheOrderOfTheGuards() => Gen.Select(AnyVerdict, AnyVerdict).Sample(static (a, b) => a.And(b).Findings.SequenceEqual([.. a.Findings, .. b.Findings]), iter: 1_000);

    [Fact]
    public void TheFirstOfTheStrictestFindingsNamesTheRule() => AnyFinding.Array[1, 6].Sample(static findings =>
        Verdict.Of(findings).Rule == findings.First(finding => finding.Decision == findings.Max(static f => f.Decision)).Rule, iter: 1_000);

    [Fact]
    public void ADenyBeatsAnAllow()
    {
        var allow = new Finding("allow", Decision.Allow);
        var deny = Finding.Block("deny");

        Assert.Equal(("deny", Decision.Block), (Verdict.Of(allow, deny).Rule, Verdict.Of(allow, deny).Decision));
        Assert.Equal(("deny", Decision.Block), (Verdict.Of(deny, allow).Rule, Verdict.Of(deny, allow).Decision));
    }

    [Fact]
    public void DecisionsAreOrderedFromMildToStrict() =>
        Assert.Equal([Decision.Allow, Decision.Flag, Decision.Redact, Decision.Ask, Decision.Block], Enum.GetValues<Decision>().Order());

    [Fact]
    public void NothingFoundAllowsAndNamesNoRule()
    {
        Assert.Same(Verdict.None, Verdict.Of());
        Assert.Equal((Decision.Allow, null, 0.0), (Verdict.None.Decision, Verdict.None.Rule, Verdict.None.Risk));
    }

    [Theory, InlineData(double.NaN, 0), InlineData(-1, 0), InlineData(0.4, 0.4), InlineData(7, 1), InlineData(double.PositiveInfinity, 1)]
    public void TheRiskOfACleanTextStaysBetweenZeroAndOne(double risk, double expected) => Assert.Equal(expected, Verdict.Clean(risk).Risk);

    private static bool Same(Verdict a, Verdict b) => a.Findings.SequenceEqual(b.Findings) && a.Decision == b.Decision && a.Risk == b.Risk && a.Rule == b.Rule;
}
