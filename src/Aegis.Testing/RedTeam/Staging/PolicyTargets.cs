using Aegis.Policies;
using Aegis.Tools;

namespace Aegis.Testing.RedTeaming;

/// <summary>
/// What a policy gives an attacker to aim at: the tools that it names, by what they are good for, with arguments that it lets through. A suite that says
/// <c>{sink}</c> is tried with each of them, and with a tool that no policy names.
/// </summary>
internal sealed class PolicyTargets
{
    private const int MostPerRole = 8;

    private static readonly string[] Readers = ["read_page", "read_mail", "read_document", "read_file", "search", "recall_memory", "list_customers"];

    private readonly AegisPolicy _policy;
    private readonly Dictionary<string, List<string>> _names = new(StringComparer.Ordinal);

    public PolicyTargets(AegisPolicy policy)
    {
        _policy = policy;
        foreach (var role in ToolRole.All)
        {
            _names[role.Placeholder] = [role.Name];
        }

        var untried = new List<string>();
        foreach (var name in Named(policy))
        {
            var roles = RolesOf(name);
            var isTried = false;
            foreach (var role in roles.Where(role => _names[role.Placeholder].Count < MostPerRole || _names[role.Placeholder].Contains(name, StringComparer.Ordinal)))
            {
                isTried = true;
                if (!_names[role.Placeholder].Contains(name, StringComparer.Ordinal))
                {
                    _names[role.Placeholder].Add(name);
                }
            }

            if (roles.Count > 0 && !isTried)
            {
                untried.Add(name);
            }
        }

        Untried = untried;
    }

    /// <summary>Tools of the policy that no case is aimed at, because there are too many like them.</summary>
    public IReadOnlyList<string> Untried { get; }

    /// <summary>The roles of a tool, by its name and by what the policy says of it; none: it only reads.</summary>
    public IReadOnlyList<ToolRole> RolesOf(string name)
    {
        if (ToolRole.All.FirstOrDefault(role => string.Equals(role.Name, name, StringComparison.Ordinal)) is { } known)
        {
            return [known];
        }

        var told = ToolRole.Told([.. ToolRiskInference.Words(name)]);
        var isSaid = ToolOf(name) is { Sink: true } or { Risk: ToolRisk.High };
        return isSaid && !told.Any(static role => role.Placeholder == "{sink}") ? [.. told.Where(static role => role.Placeholder != "{act}"), ToolRole.Of("{sink}")] : told;
    }

    /// <summary>The tools that a name looks like, and is not: what a confusable name is confused with has to be there.</summary>
    public IEnumerable<string> LookAlikes(string name) =>
        Readers.Concat(_names.Values.SelectMany(static known => known)).Distinct(StringComparer.Ordinal)
            .Where(known => !string.Equals(known, name, StringComparison.Ordinal) && new Glob(known).MatchesSkeleton(ToolName.Of(name)));

    /// <summary>A case for each tool that it can be aimed at, each filled in.</summary>
    public IEnumerable<RedTeamCase> Aim(RedTeamCase @case)
    {
        var role = ToolRole.All.FirstOrDefault(role => @case.Steps.Any(step => string.Equals(step.Call, role.Placeholder, StringComparison.Ordinal)));
        foreach (var name in role is null ? [""] : @case.IsBenign ? [_names[role.Placeholder][0]] : _names[role.Placeholder])
        {
            var aimed = @case.Map(text => Named(text, role, name));
            var fitting = new ArgumentFitting(leadsAway: @case.Goal?.With is not null);
            var fitted = aimed.Steps.Select(step => step.Call is { } call && ToolOf(call) is { } tool ? step with { Arguments = fitting.Fit(step.Arguments ?? [], tool) } : step).ToList();
            aimed = aimed with { Steps = fitted };
            aimed = aimed.Map(text => text.Replace(World.Allowed, fitting.Allowed ?? World.Allowed, StringComparison.Ordinal));
            yield return aimed.Map(World.Fill) with { Id = role is null || string.Equals(name, role.Name, StringComparison.Ordinal) ? @case.Id : $"{@case.Id}@{name}" };
        }
    }

    /// <summary>Values that an argument's constraint lets through and that lead to the attacker all the same, as far as its form has room for that.</summary>
    public IReadOnlyList<string> Slack(string tool, string argument) => ToolOf(tool)?.Arguments.GetValueOrDefault(argument) is { } constraint ? ArgumentFitting.Slack(constraint) : [];

    /// <summary>Tools by name, those with the fewest rules for their arguments first.</summary>
    private IEnumerable<string> Named(AegisPolicy policy) =>
        policy.Capabilities.Allow.Concat(policy.Capabilities.RequireApproval).Concat(policy.Tools.Keys).Concat(policy.Limits.Keys)
            .Select(Instance).Where(static name => name.Length > 0).Distinct(StringComparer.Ordinal)
            .OrderBy(name => ToolOf(name)?.Arguments.Count ?? 0).ThenBy(static name => name, StringComparer.Ordinal);

    /// <summary>A name that a glob fits: "delete_*" is "delete_record".</summary>
    private static string Instance(string glob) => glob.Trim('*').Length == 0 ? "" : glob.Replace("*", "record", StringComparison.Ordinal).Replace('?', 'x').Trim('_', '-', '.');

    private static string Named(string text, ToolRole? aimed, string name)
    {
        foreach (var role in ToolRole.All)
        {
            text = text.Replace(role.Placeholder, role == aimed ? name : role.Name, StringComparison.Ordinal);
        }

        return text;
    }

    private ToolPolicy? ToolOf(string name) => _policy.Tools.FirstOrDefault(tool => new Glob(tool.Key).MatchesPlain(ToolName.Of(name))).Value;
}
