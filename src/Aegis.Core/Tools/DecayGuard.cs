namespace Aegis.Tools;

/// <summary>A tool that decay has hidden from the model is denied as well.</summary>
internal sealed class DecayGuard(RunLimits limits) : IGuard<ToolCall>
{
    public ValueTask<Verdict> InspectAsync(ToolCall subject, GuardContext context, CancellationToken cancellationToken)
    {
        var step = Math.Max(1, context.Steps);
        return new(subject.Tools?.Find(subject.Tool) is { } tool && tool.Rank < subject.Tools.Dropped(limits.Fraction(step))
            ? Verdict.Of(Finding.Block("decay/hidden", FormattableString.Invariant($"hidden from step {step} on; risk {tool.Risk.Level}: {tool.Risk.Reason}")))
            : Verdict.None);
    }
}
