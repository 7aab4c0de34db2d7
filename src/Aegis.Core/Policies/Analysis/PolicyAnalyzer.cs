using Aegis.Tools;

namespace Aegis.Policies.Analysis;

/// <summary>Finds rules of a policy without mistakes that have no effect, and members that widen what is extended.</summary>
internal static class PolicyAnalyzer
{
    private const int MostCompared = 500;   // each with each

    public const string Shadowed = "AEG201";
    public const string Contradictory = "AEG202";
    public const string Unreachable = "AEG203";
    public const string Redundant = "AEG204";
    public const string Widens = "AEG205";
    public const string Idle = "AEG206";

    /// <summary>What is to be said of a policy.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="extended">What it extends, or null.</param>
    public static IReadOnlyList<PolicyNote> Analyze(AegisPolicy policy, AegisPolicy? extended = null)
    {
        var notes = new List<PolicyNote>();
        var capabilities = policy.Capabilities;
        for (var i = 0; i < capabilities.Allow.Count; i++)
        {
            var (glob, path) = (capabilities.Allow[i], FormattableString.Invariant($"$.capabilities.allow[{i}]"));
            if (capabilities.Deny.Concat(capabilities.RequireApproval).FirstOrDefault(other => Same(other, glob)) is { } same)
            {
                notes.Add(new(Contradictory, path, $"'{glob}' also stands in {(capabilities.Deny.Contains(same, StringComparer.Ordinal) ? "deny, which" : "requireApproval, which")} wins."));
            }
            else if (GlobAlgebra.Contains(capabilities.Deny, [glob]))
            {
                notes.Add(new(Shadowed, path, $"'{glob}' allows nothing: deny has all of it."));
            }
            else if (capabilities.Allow.Count <= MostCompared && capabilities.Allow.Where((other, j) => (!Same(other, glob) || j < i) && GlobAlgebra.Contains([other], [glob])).FirstOrDefault() is { } wider)
            {
                notes.Add(new(Redundant, path, $"'{glob}' adds nothing to '{wider}'."));
            }
        }

        for (var i = 0; i < capabilities.RequireApproval.Count; i++)
        {
            var glob = capabilities.RequireApproval[i];
            if (GlobAlgebra.Contains(capabilities.Deny, [glob]))
            {
                notes.Add(new(Shadowed, FormattableString.Invariant($"$.capabilities.requireApproval[{i}]"), $"nobody is asked about '{glob}': deny has all of it."));
            }
        }

        // A tool with a local name is restricted by that too, so that only globs which cannot match any name that may be called are out of reach.
        List<string> callable = [.. capabilities.Allow, .. capabilities.RequireApproval];
        foreach (var (member, glob) in policy.Limits.Keys.Select(static glob => ("limits", glob)).Concat(policy.Tools.Keys.Select(static glob => ("tools", glob))))
        {
            if (GlobAlgebra.AreDisjoint(callable.Concat(callable.Where(static name => name.Length > 2).SelectMany(Ends)), [glob]) || GlobAlgebra.Contains(capabilities.Deny, [glob]))
            {
                notes.Add(new(Unreachable, $"$.{member}['{glob}']", $"no tool that may be called is named so{(callable.Count == 0 ? ": allow is empty" : "")}."));
            }
        }

        if (!policy.DataFlow.PiiScope.Any(static place => place != PiiScope.Output))
        {
            notes.AddRange(from tool in policy.Tools
                           from argument in tool.Value.Arguments
                           where argument.Value.Restore.Count > 0
                           select new PolicyNote(Unreachable, $"$.tools['{tool.Key}'].arguments['{argument.Key}'].restore", "restores nothing: dataFlow.piiScope has neither 'input' nor 'arguments'."));
        }

        if (!policy.Session.Required && policy.Budgets is { Tenant: not null } or { Principal: not null })
        {
            notes.Add(new(Idle, "$.budgets", "does not reach requests without a user or tenant: AegisScope says whose they are, and session.required refuses those without one."));
        }

        if (policy.Budgets is { SubAgent: not null } && policy.AgentLoop.MaxDepth == 0)
        {
            notes.Add(new(Unreachable, "$.budgets.subAgent", "holds for nobody: agentLoop.maxDepth is 0."));
        }

        notes.AddRange(AnswerNotes.Of(policy));
        notes.AddRange(RecoveryNotes.Of(policy));
        notes.AddRange(AuditNotes.Of(policy));
        if (!policy.Input.RequireQuarantine && policy.Places.ContainsKey("$.input.marking"))
        {
            notes.Add(new(Idle, "$.input.marking", "marks nothing: input.requireQuarantine is off."));
        }

        if (policy is { Sandbox: not null, AutoRetry: not { EscalationPath: EscalationPath.Sandbox or EscalationPath.Combined } } && policy.Tools.Values.All(static tool => tool.Extract.Count == 0))
        {
            notes.Add(new(Idle, "$.sandbox", "replaces nothing: no tool has 'extract'. Say under tools.NAME.extract which data is wanted."));
        }

        if (policy.Sandbox is null)
        {
            notes.AddRange(policy.Tools.Where(static tool => tool.Value.Extract.Count > 0).Select(static tool => new PolicyNote(Idle, $"$.tools['{tool.Key}'].extract", "replaces nothing: there is no 'sandbox'. Add \"sandbox\": { \"threshold\": 0.5 }.")));
        }

        if (extended is not null)
        {
            // Whoever extends a policy that allows no tool is meant to name some.
            var mustName = extended.Capabilities is { Allow.Count: 0, RequireApproval.Count: 0 };
            notes.AddRange(PolicyComparison.Widenings(policy, extended).Where(widening => !mustName || !widening.Path.StartsWith("$.capabilities", StringComparison.Ordinal)).Select(widening => new PolicyNote(Widens, widening.Path, $"widens '{extended.Name}': {widening.Reason}.")));
        }

        return [.. notes.Select(note => note with { Place = policy.Places.GetValueOrDefault(note.Path) })];
    }

    private static bool Same(string a, string b) => string.Equals(Glob.Canonical(a), Glob.Canonical(b), StringComparison.Ordinal);

    private static IEnumerable<string> Ends(string name)
    {
        for (var i = 1; i < name.Length - 1; i++)
        {
            if (!char.IsAsciiLetterOrDigit(name[i]))
            {
                yield return name[i] is '*' or '?' ? name[i..] : name[(i + 1)..];
            }
        }
    }
}
