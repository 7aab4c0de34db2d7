namespace Aegis.Tools.Arguments;

/// <summary>What is found in the arguments of one call: each rule once, however many values break it.</summary>
internal sealed class ArgumentFindings
{
    /// <summary>More than anybody reads, of each decision.</summary>
    private const int Max = 16;

    private readonly HashSet<(string, string?)> _seen = [];
    private readonly List<Finding> _findings = [];
    private int _asks;

    /// <param name="rule">Id of the rule.</param>
    /// <param name="member">The member of the policy.</param>
    /// <param name="reason">Why, without any of the value.</param>
    /// <param name="asks">Whether a person may say yes.</param>
    public void Add(string rule, string member, string reason, bool asks)
    {
        var detail = $"{member}: {reason}";
        if (!_seen.Add((rule, detail)) || (asks ? _asks : _findings.Count - _asks) >= Max)
        {
            return;
        }

        _asks += asks ? 1 : 0;
        _findings.Add(asks ? new(rule, Decision.Ask, 0.5) { Detail = detail } : Finding.Block(rule, detail));
    }

    public Verdict ToVerdict() => Verdict.Of([.. _findings]);
}
