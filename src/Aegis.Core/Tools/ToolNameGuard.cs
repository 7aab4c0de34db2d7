namespace Aegis.Tools;

/// <summary>A call names a tool that is on offer, to the letter. A name that only looks like one, or is unknown, is refused.</summary>
internal sealed class ToolNameGuard(ToolRules rules) : IGuard<ToolCall>
{
    public ValueTask<Verdict> InspectAsync(ToolCall subject, GuardContext context, CancellationToken cancellationToken)
    {
        var tool = rules.For(subject.Tool);
        if (tool.Name.Plain is null)
        {
            return new(Verdict.Of(tool.Finding!));
        }

        if (subject.IsHosted || subject.Tools?.Find(subject.Tool) is not null)
        {
            return new(Verdict.None);
        }

        if (subject.Tools?.IsShadowed(tool.Name) == true)
        {
            return new(Verdict.Of(Finding.Block(ToolIntegrityGuard.Shadowed, Toolset.WhyShadowed)));
        }

        return subject.Tools is null && tool is { IsNamed: true, Name.IsLookAlike: false } ? new(Verdict.None)   // the host asks without saying what there is
            : new(Verdict.Of(subject.Tools?.LooksOffered(tool.Name) == true
                ? Finding.Block("tool/confusable-name", "the name looks like another tool's, or two tools share it")
                : Finding.Block("tool/unknown", "the run does not have this tool")));
    }
}
