using System.Collections.Concurrent;
using Aegis.Policies;
using Aegis.Tools.Arguments;
using Aegis.Tools.Effects;

namespace Aegis.Tools;

/// <summary>The policy's tool rules, looked up by the name that a model wrote. Names that come up are remembered, up to a bound that a model cannot push.</summary>
internal sealed class ToolRules
{
    /// <summary>Why a risk is what it is.</summary>
    public const string Declared = "declared in the policy";

    private const int MaxRemembered = 4_096;
    private const int MaxNamed = 64;

    private readonly ConcurrentDictionary<string, CompiledTool> _remembered = new(StringComparer.Ordinal);
    private readonly bool _allowsNothing;
    private readonly GlobIndex _allow;
    private readonly GlobIndex _deny;
    private readonly GlobIndex _ask;
    private readonly GlobIndex _declared;
    private readonly ToolPolicy[] _declarations;
    private readonly ArgumentRules?[] _arguments;
    private readonly ExtractionSchema?[] _extracts;
    private readonly GlobIndex _limits;
    private readonly Spend[] _limitSpends;
    private readonly GlobIndex _named;
    private readonly Spend[] _everyCall;
    private readonly Budget? _sandbox;
    private readonly GlobIndex _external;

    public ToolRules(AegisPolicy policy, Spend[] everyCall, Budget? sandbox)
    {
        var capabilities = policy.Capabilities;
        _allowsNothing = capabilities.Allow.Count == 0;
        (_allow, _deny, _ask) = (new(capabilities.Allow), new(capabilities.Deny), new(capabilities.RequireApproval));
        KeyValuePair<string, ToolPolicy>[] declared = [.. policy.Tools.Select(static entry => (Glob: new Glob(entry.Key), Entry: entry)).OrderByDescending(static entry => entry.Glob.IsExact).ThenByDescending(static entry => entry.Glob.Literals).ThenBy(static entry => entry.Glob.Text, StringComparer.Ordinal).Select(static entry => entry.Entry)];
        _declared = new(declared.Select(static entry => entry.Key));
        _declarations = [.. declared.Select(static entry => entry.Value)];
        _arguments = [.. declared.Select(static entry => ArgumentRules.Of(entry.Key, entry.Value))];
        _extracts = [.. _declarations.Select(static entry => entry.Extract.Count == 0 ? null : new ExtractionSchema(FieldSchema.Of(entry.Extract)))];
        AlwaysExtracts = policy.Sandbox is not null && _declarations.Any(static entry => entry.ExtractWhen == ExtractWhen.Always);
        _limits = new(policy.Limits.Keys);
        _limitSpends = [.. policy.Limits.Select(static entry => new Spend(LimitOf(entry.Key, entry.Value), 1))];
        _named = new(capabilities.Allow.Concat(capabilities.RequireApproval).Concat(policy.Tools.Keys).Where(static glob => new Glob(glob).IsExact));
        _everyCall = everyCall;
        _sandbox = sandbox;
        _external = new(policy.DataFlow.ExternalDataSources);
    }

    /// <summary>Whether the policy says anything of arguments.</summary>
    public bool HasArguments => Array.Exists(_arguments, static rules => rules is not null);

    /// <summary>Whether the policy says of an argument where it may come from.</summary>
    public bool HasSources => Array.Exists(_arguments, static rules => rules?.Sources.Count > 0);

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

    /// <summary>Whether of the results of some tool nothing goes on but data.</summary>
    public bool AlwaysExtracts { get; }

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
            return (declared, Declared);
        }

        var inferred = ToolRiskInference.Default.Of(tool);
        return tool.LocalName is { } local && For(local).Declared?.Risk is { } risk && risk > inferred.Level ? (risk, Declared) : inferred;
    }

    /// <summary>The rules for a result, by both names of a tool that has two.</summary>
    public CompiledTool For(ToolResult result) => result.LocalName is { } local ? For(new ToolInfo(result.Tool) { LocalName = local }) : For(result.Tool);

    /// <summary>What a tool does, as far as it shows.</summary>
    public ToolEffect EffectOf(ToolCall call) => call.Tools?.Find(call.Tool)?.Effect ?? For(call.Tool).Effect;

    /// <summary>What a session takes in with what a call returns.</summary>
    public SessionLabels LabelsOf(ToolCall call) => LabelsOf(For(call).Origin, EffectOf(call));

    /// <summary>What a session takes in with a result.</summary>
    public SessionLabels LabelsOf(ToolResult result) => LabelsOf(For(result.Tool).Origin, For(result.Tool).Effect);

    private static SessionLabels LabelsOf(ToolOrigin origin, ToolEffect effect) =>
        (origin.IsTrusted ? SessionLabels.None : SessionLabels.Untrusted) | (origin.IsPrivate ?? effect.IsPrivate ? SessionLabels.Private : SessionLabels.None);

    private static Budget LimitOf(string glob, RateLimit limit) =>
        new($"limit/{glob}", $"limits['{glob}']", FormattableString.Invariant($"limit/{glob}/{limit.Window.Ticks}"), BudgetMeter.ToolCalls, limit.Max, limit.Window);

    private CompiledTool Compile(string name)
    {
        if (!ToolName.IsWellFormed(name))
        {
            return new(default, Decision.Block, Finding.Block("tool/name", FormattableString.Invariant($"a tool's name has 1 to {ToolName.MaxLength} characters and no control characters")), null, [], false, default);
        }

        var forms = ToolName.Of(name);
        return Compile(forms, forms, name);
    }

    private CompiledTool Compile(ToolName forms, ToolName local, string name)
    {
        var isPermitted = _allow.FirstPlain(forms) is not null || _ask.FirstPlain(forms) is not null;
        Finding? finding =
            _deny.FirstRestricting(forms, local) is { } deny ? Finding.Block("capability/denied", $"capabilities.deny: '{deny.Text}'")
            : !isPermitted ? Finding.Block("capability/not-allowed", WayOut(name))
            : _ask.FirstRestricting(forms, local) is { } ask ? new("capability/approval", Decision.Ask, 0.5) { Detail = $"capabilities.requireApproval: '{ask.Text}'" }
            : null;
        Spend[] spends =
        [
            .. _limits.AllRestricting(forms, local).Select(i => _limitSpends[i]),
            .. _everyCall,
            .. _sandbox is not null && IsSandbox(name) ? [new Spend(_sandbox, 1)] : Array.Empty<Spend>(),
        ];
        int[] entries = [.. _declared.AllRestricting(forms, forms).Take(1)];
        int[] locals = forms == local ? [] : [.. _declared.AllRestricting(local, local).Take(1)];
        int[] extracting = [.. entries.Union(locals).Where(i => _extracts[i] is not null).OrderByDescending(i => _declarations[i].ExtractWhen).Take(1)];
        var declared = entries is [var entry] ? _declarations[entry] : null;
        return new(forms, finding?.Decision ?? Decision.Allow, finding, declared, spends, _named.FirstPlain(forms) is not null, OriginOf(declared, _external.FirstRestricting(forms, local) is not null))
        {
            Written = name,
            Extracts = extracting is [var from] ? _extracts[from] : null,
            AlwaysExtracts = extracting is [var always] && _declarations[always].ExtractWhen == ExtractWhen.Always,
            Restores = declared is null ? null : RestoreRules.Of(declared),
            Arguments = [.. entries.Union(locals).Select(i => _arguments[i]).OfType<ArgumentRules>()],
        };
    }

    private static ToolOrigin OriginOf(ToolPolicy? declared, bool isExternal) =>
        new(isExternal, declared?.Output == ToolOutput.Trusted && !isExternal, declared?.Confidentiality is { } said ? said == Confidentiality.Private : null);

    /// <summary>A name of letters and marks can be repeated to the model; a longer story cannot.</summary>
    private string WayOut(string name) =>
        $"add {(name.Length <= MaxNamed && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '/') ? $"'{name}'" : "the tool")} to capabilities.allow{(_allowsNothing ? ", which is empty" : "")}";

    private static bool IsSandbox(string name) => string.Equals(name, HostedTools.CodeInterpreter, StringComparison.Ordinal);
}
