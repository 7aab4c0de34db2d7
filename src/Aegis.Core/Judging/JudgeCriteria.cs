using System.Collections.Frozen;
using System.Text.Json;
using Aegis.Policies;

namespace Aegis.Judging;

/// <summary>The questions and what decides them, from <c>judge-criteria.json</c>.</summary>
internal static class JudgeCriteria
{
    private static readonly Lazy<FrozenDictionary<(JudgeScope, AlignmentStrictness), (string Question, string[] Criteria)>> All = new(Load);

    public static (string Question, string[] Criteria) Of(JudgeScope scope, AlignmentStrictness strictness) => All.Value[(scope, strictness)];

    private static FrozenDictionary<(JudgeScope, AlignmentStrictness), (string, string[])> Load()
    {
        using var stream = typeof(JudgeCriteria).Assembly.GetManifestResourceStream("judge-criteria.json") ?? throw new InvalidOperationException("judge-criteria.json is not in the assembly.");
        using var document = JsonDocument.Parse(stream);
        var all = new Dictionary<(JudgeScope, AlignmentStrictness), (string, string[])>();
        foreach (var (scope, name) in new[] { (JudgeScope.Input, "input"), (JudgeScope.ToolCalls, "tool-call"), (JudgeScope.ToolResults, "tool-result"), (JudgeScope.Output, "output") })
        {
            var of = document.RootElement.GetProperty(name);
            foreach (var (strictness, member) in new[] { (AlignmentStrictness.Low, "low"), (AlignmentStrictness.Medium, "medium"), (AlignmentStrictness.High, "high") })
            {
                all[(scope, strictness)] = (of.GetProperty("question").GetString()!, [.. Lines(of, "always"), .. Lines(of, member)]);
            }
        }

        return all.ToFrozenDictionary();
    }

    private static IEnumerable<string> Lines(JsonElement of, string member) => of.GetProperty(member).EnumerateArray().Select(static line => line.GetString()!);
}
