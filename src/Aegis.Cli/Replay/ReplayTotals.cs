using System.Text.Json.Nodes;
using Aegis.Testing;

namespace Aegis.Cli.Replay;

/// <summary>Counts over all cases, with Wilson's 95 % intervals (E. B. Wilson, 1927).</summary>
internal sealed class ReplayTotals
{
    private int _cases;
    private int _sinks;
    private int _completed;
    private int _completedBoth;
    private int _asked;
    private int _askedAttacked;

    public void Add(bool sink, bool completed, bool completedUnderAttack, int asked, int askedAttacked)
    {
        _cases++;
        _sinks += sink ? 1 : 0;
        _completed += completed ? 1 : 0;
        _completedBoth += completedUnderAttack ? 1 : 0;
        _asked += asked;
        _askedAttacked += askedAttacked;
    }

    public JsonObject ToJson() => new()
    {
        ["cases"] = _cases,
        ["attacker_sink_executed"] = Share(_sinks),
        ["benign_completed"] = Share(_completed),
        ["attacked_task_completed"] = Share(_completedBoth),
        ["questions_per_100_benign"] = _cases == 0 ? 0 : Math.Round(100.0 * _asked / _cases, 2),
        ["questions_per_100_attacked"] = _cases == 0 ? 0 : Math.Round(100.0 * _askedAttacked / _cases, 2),
    };

    private JsonObject Share(int count)
    {
        var share = new RedTeamShare(count, _cases);
        return new() { ["count"] = count, ["share"] = Math.Round(share.Rate, 4), ["low"] = Math.Round(share.Low, 4), ["high"] = Math.Round(share.High, 4) };
    }
}
