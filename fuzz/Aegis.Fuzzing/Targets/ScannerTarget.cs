namespace Aegis.Fuzzing.Targets;

/// <summary>
/// Texts at the checkpoints where they come in, under the preset <c>paranoid</c>. Law: whatever the text, a verdict comes out and no exception, neither at the
/// guard nor inside it; each finding has a risk of 0 to 1 and stands within the text; and the same text in another session gets the same verdict.
/// </summary>
/// <param name="judge">What is judged by, in a session that nothing has happened in.</param>
internal sealed class ScannerTarget(Func<TextSubject, Verdict> judge) : IFuzzTarget
{
    public ScannerTarget()
        : this(By(new FuzzGuard(AegisPolicy.Preset("paranoid"))))
    {
    }

    public void Run(byte[] input)
    {
        var text = new FuzzInput(input).Text();
        Hold(new UserInput(text));
        Hold(new ToolResult("fetch", text));
    }

    private void Hold(TextSubject subject)
    {
        var verdict = judge(subject);
        FuzzGuard.ThrowIfFailed(verdict);
        foreach (var finding in verdict.Findings)
        {
            LawBrokenException.Unless(finding.Risk is >= 0 and <= 1, $"{finding.Rule} has the risk {finding.Risk}");
            LawBrokenException.Unless(finding.Range is not { } range || (range.Start >= 0 && range.Start < range.End && range.End <= subject.Text.Length), $"{finding.Rule} stands at {finding.Range}, and the text ends at {subject.Text.Length}");
        }

        var again = judge(subject);
        LawBrokenException.Unless(verdict.Findings.Select(static finding => (finding.Rule, finding.Decision, finding.Risk, finding.Range)).SequenceEqual(again.Findings.Select(static finding => (finding.Rule, finding.Decision, finding.Risk, finding.Range))), $"{verdict}, and again: {again}");
    }

    private static Func<TextSubject, Verdict> By(FuzzGuard guard) => subject => guard.Judge(subject, guard.NextRun());
}
