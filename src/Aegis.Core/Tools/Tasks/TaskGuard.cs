namespace Aegis.Tools;

/// <summary>A tool that the task does not need may not be called, whatever the policy allows.</summary>
internal sealed class TaskGuard : IGuard<ToolCall>
{
    public const string OutOfTask = "capability/out-of-task";

    public ValueTask<Verdict> InspectAsync(ToolCall subject, GuardContext context, CancellationToken cancellationToken) =>
        new(Against(subject) is { } finding ? Verdict.Of(finding) : Verdict.None);

    /// <summary>What the tasks around a call say against it.</summary>
    public static Finding? Against(ToolCall call)
    {
        var tasks = AegisTasks.And(call.Tools?.Tasks, call.Tasks);
        return tasks is null || tasks.Allows(call.Tool) || (call.IsHosted && call.Tool.IndexOf('/', StringComparison.Ordinal) is > 0 and var end && tasks.Allows(call.Tool[..end])) ? null
            : Finding.Block(OutOfTask, "the task was narrowed to other tools: AegisScope.Narrow");
    }
}
