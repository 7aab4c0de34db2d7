using Aegis.Policies;

namespace Aegis.Judging;

/// <summary>What the policy says of the judge, compiled.</summary>
/// <param name="policy">Its part of the policy.</param>
/// <param name="strictness">Which criteria count.</param>
/// <param name="rejectedCall">What happens to a call that it rejects.</param>
internal sealed class JudgeRules(JudgePolicy policy, AlignmentStrictness strictness, Decision rejectedCall)
{
    private const string Answerable = "flow/";
    private const string RuleOfTwo = "flow/rule-of-two";   // is about who decides, not about what is right

    public JudgePolicy Policy => policy;

    /// <summary>What happens to a call that it rejects.</summary>
    public Decision RejectedCall => rejectedCall;

    /// <summary>Whether it is asked: the risk lies between the trigger and a block, or it is to say in a person's place whether a call serves the request.</summary>
    /// <param name="subject">What is judged.</param>
    /// <param name="verdict">What the guards say of it.</param>
    /// <param name="unread">Highest risk of what the run took in and no judge has read.</param>
    public bool Wants(Subject subject, Verdict verdict, double unread) =>
        verdict.Decision < Decision.Block && (subject, ScopeOf(subject)) switch
        {
            (OutputWindow, _) or (_, null) => false,
            (ToolCall { Approved: true }, _) when verdict.Decision == Decision.Ask => false,   // a person has said it
            (ToolCall, _) when verdict.Decision == Decision.Ask => Answers(verdict),
            (ModelOutput { Text.Length: 0 }, _) => false,
            (ModelOutput, { } scope) => policy.Checkpoints.Contains(scope) && Math.Max(RiskOf(verdict), unread) >= policy.TriggerThreshold,
            (_, { } scope) => policy.Checkpoints.Contains(scope) && RiskOf(verdict) >= policy.TriggerThreshold,
        };

    /// <summary>Whether all that people would be asked about a call is whether it serves the request.</summary>
    public bool Answers(Verdict verdict) =>
        policy.AnswersQuestions && verdict.Findings.All(static finding => finding.Decision < Decision.Ask || (finding.Rule.StartsWith(Answerable, StringComparison.Ordinal) && finding.Rule != RuleOfTwo));

    /// <summary>Whether what is read here is never judged here, so that the answer has to be.</summary>
    public bool LeavesToOutput(Subject subject) => ScopeOf(subject) is { } scope and not JudgeScope.ToolCalls && (subject is OutputWindow || !policy.Checkpoints.Contains(scope));

    /// <summary>Risk of an attack. Private data that was found is dealt with, and no sign of one.</summary>
    public static double RiskOf(Verdict verdict)
    {
        var risk = verdict.Stayed;
        foreach (var finding in verdict.Findings)
        {
            risk = IsSign(finding) && finding.Risk > risk ? finding.Risk : risk;
        }

        return risk;
    }

    private static bool IsSign(Finding finding) => finding.Decision == Decision.Flag && finding.Category is not ("personal-data" or "secret");

    /// <summary>The question about a subject; null: too much would have to be left out of it.</summary>
    /// <param name="subject">What is judged.</param>
    /// <param name="verdict">What the guards say of it.</param>
    /// <param name="request">What the user asked for last.</param>
    /// <param name="before">The end of what came before, which is shown where something was found in both together.</param>
    public JudgeQuestion? QuestionOf(Subject subject, Verdict verdict, string? request, string before)
    {
        var (question, criteria) = JudgeCriteria.Of(ScopeOf(subject)!.Value, strictness);
        var text = subject is ToolCall made ? made.Arguments.Canonical : ((TextSubject)subject).Text;
        before = before.Length > 0 && verdict.Findings.Any(static finding => finding.IsJoint) ? $"{before} " : "";
        text = before + text;
        if (PartOf(text, before.Length, verdict) is not var (start, end))
        {
            return null;
        }

        var labels = new JudgeLabels();
        request = subject is UserInput { Role: InputRole.User } || request is null ? null : labels.Of(request, 0, request.Length);
        var description = subject is ToolCall call && call.Tools?.Find(call.Tool) is { } entry ? entry.Tool.Description : null;
        return new(subject.Checkpoint, question, criteria, labels.Of(text, start, end))
        {
            Request = request,
            Tool = subject switch { ToolCall called => called.Tool, ToolResult result => result.Tool, _ => null },
            ToolDescription = description is null ? null : labels.Of(description, 0, Math.Min(description.Length, policy.MaxLength)),
            Rules = [.. verdict.Findings.Select(static finding => finding.Rule).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        };
    }

    /// <summary>All of a text, or the part around everything that was found in it.</summary>
    private (int Start, int End)? PartOf(string text, int before, Verdict verdict)
    {
        if (text.Length <= policy.MaxLength)
        {
            return (0, text.Length);
        }

        // All that made it be asked must be seen, not only the worst of it.
        List<TextRange?> found = [.. verdict.Findings.Where(finding => IsSign(finding) && finding.Risk >= policy.TriggerThreshold).Select(finding => finding.Range is { } range ? new TextRange(finding.IsJoint ? 0 : before + range.Start, before + range.End) : default(TextRange?))];
        if (found.Count == 0 || found.Contains(null) || verdict.Stayed >= policy.TriggerThreshold)
        {
            return null;
        }

        var (first, last) = (found.Min(static range => range!.Value.Start), found.Max(static range => range!.Value.End));
        if (last - first > policy.MaxLength || last > text.Length)
        {
            return null;
        }

        var start = Math.Clamp(first - ((policy.MaxLength - (last - first)) / 2), 0, text.Length - policy.MaxLength);
        return (start, start + policy.MaxLength);
    }

    private static JudgeScope? ScopeOf(Subject subject) => subject switch
    {
        UserInput => JudgeScope.Input,
        ToolCall => JudgeScope.ToolCalls,
        ToolResult => JudgeScope.ToolResults,
        ModelOutput or OutputWindow => JudgeScope.Output,
        _ => null,
    };
}
