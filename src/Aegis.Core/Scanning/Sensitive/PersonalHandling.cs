using System.Collections.Frozen;
using Aegis.Tools.Arguments;

namespace Aegis.Scanning.Sensitive;

/// <summary>What happens to each kind of personal data. Immutable.</summary>
/// <param name="others">What happens to those that are not named.</param>
/// <param name="allowed">Those that pass with a finding; <see cref="RestoreRules.All"/> for all.</param>
/// <param name="blocked">Those that are blocked, also if they are allowed.</param>
internal sealed class PersonalHandling(Decision others, IEnumerable<string> allowed, IEnumerable<string> blocked)
{
    private readonly FrozenSet<string> _allowed = allowed.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    private readonly FrozenSet<string> _blocked = blocked.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a placeholder may stand in the place of any.</summary>
    public bool Redacts => others == Decision.Redact;

    /// <summary>What happens to what a rule finds.</summary>
    public Decision Of(SensitiveRule rule) =>
        Has(_blocked, rule) ? Decision.Block
        : Has(_allowed, rule) ? Decision.Flag
        : others;

    /// <summary>Whether some kinds pass though others do not.</summary>
    public bool HasExceptions => _allowed.Count > 0 && others != Decision.Flag;

    /// <summary>Leaves out what only looks like personal data because it is a part of a value that may pass.</summary>
    /// <param name="hits">What was found, from left to right.</param>
    public void Settle(List<SensitiveHit> hits)
    {
        if (!HasExceptions)
        {
            return;
        }

        var end = 0;   // of the values that pass
        hits.RemoveAll(hit =>
        {
            if (hit.Rule.Kind != SensitiveKind.Personal)
            {
                return false;
            }

            var isPart = hit.Range.End <= end;
            end = Of(hit.Rule) == Decision.Flag ? Math.Max(end, hit.Range.End) : end;
            return isPart && Of(hit.Rule) != Decision.Flag;
        });
    }

    private static bool Has(FrozenSet<string> kinds, SensitiveRule rule) => kinds.Count > 0 && (kinds.Contains(RestoreRules.All) || kinds.Contains(rule.Type));
}
