using System.Collections.Immutable;

namespace Aegis;

/// <summary>Findings, merged: the strictest decision and the highest risk win. Immutable.</summary>
public sealed class Verdict
{
    /// <summary>Nothing found; the identity of <see cref="And(Verdict)"/>.</summary>
    public static readonly Verdict None = new([], 0);

    private Verdict(ImmutableArray<Finding> findings, double risk)
    {
        Findings = findings;
        Risk = Stayed = risk;
        foreach (var finding in findings)
        {
            Decision = finding.Decision > Decision ? finding.Decision : Decision;
            Risk = finding.Risk > Risk ? finding.Risk : Risk;
        }
    }

    /// <summary>The reasons, in the order in which the guards gave them.</summary>
    public ImmutableArray<Finding> Findings { get; }

    /// <summary>The strictest decision of the findings; <see cref="Decision.Allow"/> without any.</summary>
    public Decision Decision { get; }

    /// <summary>0 to 1: the highest risk of the findings, and for a text also of what stayed below every finding.</summary>
    public double Risk { get; }

    /// <summary>What stayed below every finding.</summary>
    internal double Stayed { get; }

    /// <summary>Id of the rule that decided: the first finding with the strictest decision.</summary>
    /// <value><see langword="null"/> without findings.</value>
    public string? Rule => Deciding?.Rule;

    /// <summary>Whether it blocks something as an attack: a finding that blocks names an ATLAS technique.</summary>
    internal bool IsAttack => Findings.Any(static finding => finding.Decision == Decision.Block && finding.Atlas.Count > 0);

    /// <summary>The same, by what stands in the text itself: what came before it may have been written by others.</summary>
    internal bool IsAttackOfItself => Findings.Any(static finding => finding.Decision == Decision.Block && finding.Atlas.Count > 0 && !finding.IsJoint);

    internal Finding? Deciding
    {
        get
        {
            foreach (var finding in Findings)
            {
                if (finding.Decision == Decision)
                {
                    return finding;
                }
            }

            return null;
        }
    }

    /// <summary>A verdict of these findings.</summary>
    /// <param name="findings">The findings; none gives <see cref="None"/>.</param>
    /// <returns>The verdict.</returns>
    public static Verdict Of(params ReadOnlySpan<Finding> findings) => findings.IsEmpty ? None : new([.. findings], 0);

    /// <summary>A verdict on a text in which nothing was found, with the risk that it still has.</summary>
    /// <param name="risk">0 to 1.</param>
    /// <returns>The verdict.</returns>
    public static Verdict Clean(double risk) => risk > 0 ? new([], Math.Min(risk, 1)) : None;

    /// <summary>Both verdicts as one. Associative, with <see cref="None"/> as identity.</summary>
    /// <param name="other">The other verdict; its findings come second.</param>
    /// <returns>The merged verdict.</returns>
    public Verdict And(Verdict other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return ReferenceEquals(this, None) ? other
            : ReferenceEquals(other, None) ? this
            : new([.. Findings, .. other.Findings], Math.Max(Stayed, other.Stayed));
    }

    /// <summary>Decision, rule and detail, without any text that was inspected.</summary>
    /// <returns>For example <c>Block by capability/denied (capabilities.deny: 'delete_*')</c>.</returns>
    public override string ToString() => Deciding is { } finding ? $"{Decision} by {finding.Rule}{(finding.Detail is { } detail ? $" ({detail})" : "")}" : $"{Decision}";

    /// <summary>The same, as what a guard of the app's own has found.</summary>
    internal Verdict Custom() => Findings.IsEmpty ? this : new([.. Findings.Select(static finding => finding with { IsCustom = true })], Stayed);

    internal Verdict And(Finding finding) => new([.. Findings, finding], Stayed);
}
