using System.Collections.Concurrent;
using Aegis.Policies;

namespace Aegis.Tools;

/// <summary>The policy's tool rules, looked up by the name that a model wrote. Names that come up are remembered, up to a bound that a model cannot push.</summary>
internal sealed class ToolRules
{
    private const int MaxRemembered = 4_096;
    private const int MaxNamed = 64;

    private readonly ConcurrentDictionary<string, CompiledTool> _remembered = new(StringComparer.Ordinal);
    private readonly Glob[] _allow;
    private readonly Glob[] _deny;
    private readonly Glob[] _ask;
    private readonly (Glob Glob, ToolPolicy Policy)[] _declared;
    private readonly (Glob Glob, Budget Budget)[] _limits;
    private readonly Spend[] _everyCall;
    private readonly Budget? _sandbox;

    public ToolRules(AegisPolicy policy, Spend[] everyCall, Budget? sandbox)
    {
        _allow = [.. policy.Capabilities.Allow.Select(static text => new Glob(text))];
        _deny = [.. policy.Capabilities.Deny.Select(static text => new Glob(text))];
        _ask = [.. policy.Capabilities.RequireApproval.Select(static text => new Glob(text))];
        _declared = [.. policy.Tools.Select(static entry => (Glob: new Glob(entry.Key), entry.Value)).OrderByDescending(static entry => entry.Glob.IsExact).ThenByDescending(static entry => entry.Glob.Literals).ThenBy(static entry => entry.Glob.Text, StringComparer.Ordinal)];
        _limits = [.. policy.Limits.Select(static entry => (new Glob(entry.Key), LimitOf(entry.Key, entry.Value)))];
        _everyCall = everyCall;
        _sandbox = sandbox;
    }

    public CompiledTool For(string name)
    {
        if (_remembered.TryGetValue(name, out var known))
        {
            return known;
        }

        var compiled = Compile(name);
        if (name.Length <= ToolName.MaxLength && _remembered.Count < MaxRemembered)
        {
            _remembered.TryAdd(name, compiled);
        }

        return compiled;
    }

    /// <summary>The rules for a call, by both names of a tool that has two.</summary>
    public CompiledTool For(ToolCall call) => call.Tools?.RulesOf(call.Tool, this) ?? (call.Tools?.Find(call.Tool) is { Tool: var tool } ? For(tool) : For(call.Tool));

    /// <summary>The rules for a tool: what restricts it counts by either of its names, what permits it by the whole one.</summary>
    public CompiledTool For(ToolInfo tool) =>
        tool.LocalName is { } local && !string.Equals(local, tool.Name, StringComparison.Ordinal) && ToolName.IsWellFormed(tool.Name) && ToolName.IsWellFormed(local) ? Compile(ToolName.Of(tool.Name), ToolName.Of(local), tool.Name) : For(tool.Name);

    /// <summary>The risk of a tool and the fact that decided.</summary>
    public (ToolRisk Level, string Reason) RiskOf(ToolInfo tool)
    {
        if (For(tool.Name).Declared?.Risk is { } declared)
        {
            return (declared, "declared in the policy");
        }

        var inferred = ToolRiskInference.Default.Of(tool);
        return tool.LocalName is { } local && For(local).Declared?.Risk is { } risk && risk > inferred.Level ? (risk, "declared in the policy") : inferred;
    }

    private static Budget LimitOf(string glob, RateLimit limit) =>
        new($"limit/{glob}", $"limits['{glob}']", FormattableString.Invariant($"limit/{glob}/{limit.Window.Ticks}"), BudgetMeter.ToolCalls, limit.Max, limit.Window);

    private CompiledTool Compile(string name)
    {
        if (!ToolName.IsWellFormed(name))
        {
            return new(default, Decision.Block, Finding.Block("tool/name", FormattableString.Invariant($"a tool's name has 1 to {ToolName.MaxLength} characters and no control characters")), null, [], false);
        }

        var forms = ToolName.Of(name);
        return Compile(forms, forms, name);
    }

    private CompiledTool Compile(ToolName forms, ToolName local, string name)
    {
        var isPermitted = Array.Exists(_allow, glob => glob.MatchesPlain(forms)) || Array.Exists(_ask, glob => glob.MatchesPlain(forms));
        Finding? finding =
            Array.Find(_deny, Restricts) is { } deny ? Finding.Block("capability/denied", $"capabilities.deny: '{deny.Text}'")
            : !isPermitted ? Finding.Block("capability/not-allowed", WayOut(name))
            : Array.Find(_ask, Restricts) is { } ask ? new("capability/approval", Decision.Ask, 0.5) { Detail = $"capabilities.requireApproval: '{ask.Text}'" }
            : null;
        Spend[] spends =
        [
            .. _limits.Where(limit => Restricts(limit.Glob)).Select(static limit => new Spend(limit.Budget, 1)),
            .. _everyCall,
            .. _sandbox is not null && IsSandbox(name) ? [new Spend(_sandbox, 1)] : Array.Empty<Spend>(),
        ];
        var declared = Array.Find(_declared, entry => entry.Glob.MatchesSkeleton(forms)).Policy;
        var isNamed = _allow.Concat(_ask).Concat(_declared.Select(static entry => entry.Glob)).Any(glob => glob.IsExact && glob.MatchesPlain(forms));
        return new(forms, finding?.Decision ?? Decision.Allow, finding, declared, spends, isNamed);

        bool Restricts(Glob glob) => glob.MatchesSkeleton(forms) || glob.MatchesSkeleton(local);
    }

    /// <summary>A name of letters and marks can be repeated to the model; a longer story cannot.</summary>
    private string WayOut(string name) =>
        $"add {(name.Length <= MaxNamed && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '/') ? $"'{name}'" : "the tool")} to capabilities.allow{(_allow.Length == 0 ? ", which is empty" : "")}";

    private static bool IsSandbox(string name) => string.Equals(name, HostedTools.CodeInterpreter, StringComparison.Ordinal);
}
