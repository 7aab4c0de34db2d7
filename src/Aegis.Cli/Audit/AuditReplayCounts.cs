using System.Text.Json.Nodes;
using Aegis.Replaying;

namespace Aegis.Cli.Audit;

/// <summary>How many records were replayed, and with what outcome.</summary>
internal sealed class AuditReplayCounts
{
    private int _same;
    private int _withoutTexts;
    private int _different;
    private int _never;
    private int _notNow;
    private int _notKept;
    private int _unreadable;

    /// <summary>Whether no record has anything to replay.</summary>
    public bool HasNothing => All == _notKept;

    private int All => _same + _withoutTexts + _different + _never + _notNow + _notKept;

    /// <summary>Whether it is all the same; else that it is not, or that nobody can say.</summary>
    public int Code => _different > 0 ? ExitCode.Findings : _notNow + _notKept + _unreadable > 0 || _same + _withoutTexts == 0 ? ExitCode.Usage : ExitCode.Clean;

    public void Add(ReplayResult result)
    {
        switch (result)
        {
            case { Outcome: ReplayOutcome.Same }:
                _same++;
                break;
            case { Outcome: ReplayOutcome.SameWithoutTexts }:
                _withoutTexts++;
                break;
            case { Outcome: ReplayOutcome.Different }:
                _different++;
                break;
            case { IsNever: true }:
                _never++;
                break;
            case { Why: ReplayResult.NothingKept }:
                _notKept++;
                break;
            default:
                _notNow++;
                break;
        }
    }

    /// <summary>A line that is no record.</summary>
    public void AddUnreadable() => _unreadable++;

    public JsonObject ToJson() => new() { ["same"] = _same, ["sameWithoutTexts"] = _withoutTexts, ["different"] = _different, ["cannotBeReplayed"] = _never, ["notReplayed"] = _notNow, ["notKept"] = _notKept, ["unreadableLines"] = _unreadable };

    public override string ToString() => FormattableString.Invariant(
        $"{All} records: {_same} the same, bit for bit; {_withoutTexts} the same in tools and budgets; {_different} different; {_never} of a kind that cannot be replayed; {_notNow} not replayed here; {_notKept} without content; {_unreadable} lines that are none.");
}
