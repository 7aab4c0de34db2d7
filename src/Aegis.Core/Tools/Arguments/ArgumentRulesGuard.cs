namespace Aegis.Tools.Arguments;

/// <summary>What the policy says of the arguments of a tool holds for exactly the arguments that would run.</summary>
internal sealed class ArgumentRulesGuard(ToolRules rules) : IGuard<ToolCall>
{
    public ValueTask<Verdict> InspectAsync(ToolCall subject, GuardContext context, CancellationToken cancellationToken)
    {
        var tool = rules.For(subject);
        if (tool.Arguments.Count == 0)
        {
            return new(Verdict.None);
        }

        if (subject.Arguments.Refusal is { } refusal)
        {
            return new(Verdict.Of(Finding.Block(refusal)));
        }

        var findings = new ArgumentFindings();
        using var arguments = ArgumentRules.Read(subject.Arguments);
        foreach (var entry in tool.Arguments)
        {
            entry.Judge(arguments.RootElement, subject.Tools?.Find(subject.Tool)?.Tool.Schema, findings);
        }

        return new(findings.ToVerdict());
    }
}
