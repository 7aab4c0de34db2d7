namespace Aegis.Tools;

/// <summary>A tool that decay has hidden from the model is denied as well.</summary>
internal sealed class DecayGuard(RunLimits limits, ToolRules rules) : IGuard<ToolCall>
{
    public ValueTask<Verdict> InspectAsync(ToolCall subject, GuardContext context, CancellationToken cancellationToken)
    {
        var step = Math.Max(1, context.Steps);
        var fraction = limits.Fraction(step);
        var tools = fraction < 1 ? subject.Tools?.Under(rules) : null;
        return new(tools?.Find(subject.Tool) is { } tool && tool.Rank < tools.Dropped(fraction)
            ? Verdict.Of(Finding.Block("decay/hidden", FormattableString.Invariant($"hidden from step {step} on; risk {tool.Risk.Level}: {tool.Risk.Reason}")))
            : Verdict.None);
    }
}
