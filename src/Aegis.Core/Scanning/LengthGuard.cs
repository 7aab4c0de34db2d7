using Aegis.Policies;
using Aegis.Tools;

namespace Aegis.Scanning;

/// <summary>No text is longer than the policy says.</summary>
internal sealed class LengthGuard(int input, ToolRules tools, int output, bool isMonitor) : IGuard<UserInput>, IGuard<ToolDefinition>, IGuard<ToolResult>, IGuard<OutputWindow>
{
    public ValueTask<Verdict> InspectAsync(UserInput subject, GuardContext context, CancellationToken cancellationToken) =>
        Check(subject.Text.Length, subject.Role == InputRole.User ? input : ToolPolicy.DefaultMaxResult, "input/length", "input.maxLength");

    public ValueTask<Verdict> InspectAsync(ToolDefinition subject, GuardContext context, CancellationToken cancellationToken) =>
        Check(subject.Text.Length, ToolPolicy.DefaultMaxResult, "tool/description-length", "a description's limit");

    public ValueTask<Verdict> InspectAsync(ToolResult subject, GuardContext context, CancellationToken cancellationToken) =>
        Check(subject.Text.Length, tools.For(subject.Tool).MaxResult, "result/length", "tools.maxResult");

    public ValueTask<Verdict> InspectAsync(OutputWindow subject, GuardContext context, CancellationToken cancellationToken) =>
        isMonitor && subject.Offset + subject.From > output ? new(Verdict.None)   // said where it was passed, and the answer goes on
            : Check(subject.Offset + Math.Min(subject.Text.Length, subject.Before), output, "output/length", "output.maxLength");

    private static ValueTask<Verdict> Check(long length, long max, string rule, string member) =>
        new(length <= max ? Verdict.None : Verdict.Of(Finding.Block(rule, FormattableString.Invariant($"{member}: at most {max} characters"))));
}
