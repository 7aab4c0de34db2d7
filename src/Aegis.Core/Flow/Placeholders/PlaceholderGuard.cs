namespace Aegis.Flow.Placeholders;

/// <summary>
/// Keeps values behind their placeholders: what enters with a value that has one gets the placeholder in its place, and what looks like a placeholder and is not
/// from here is written so that no value is ever put there. What a user or a client sends back may hold the session's own.
/// </summary>
internal sealed class PlaceholderGuard : IGuard<UserInput>, IGuard<ToolResult>, IGuard<ToolDefinition>
{
    public ValueTask<Verdict> InspectAsync(UserInput subject, GuardContext context, CancellationToken cancellationToken) =>
        new(subject is { IsJoined: true, Role: InputRole.Other } ? Verdict.None   // put together from what was read
            : Judge(subject.Text, context, keepsOwn: subject.Role != InputRole.Other, ignoresCase: subject.Role != InputRole.User));

    public ValueTask<Verdict> InspectAsync(ToolResult subject, GuardContext context, CancellationToken cancellationToken) => new(Judge(subject.Text, context, keepsOwn: false, ignoresCase: true));

    public ValueTask<Verdict> InspectAsync(ToolDefinition subject, GuardContext context, CancellationToken cancellationToken) => new(Judge(subject.Text, context, keepsOwn: false, ignoresCase: true));

    private static Verdict Judge(string text, GuardContext context, bool keepsOwn, bool ignoresCase)
    {
        var known = context.Placeholders;
        List<Finding> findings =
        [
            .. from range in Placeholder.In(text)
               let written = text[range.Start..range.End]
               where !(keepsOwn && known?.TryGetValue(written, out _) == true)
               select new Finding("placeholder/foreign", Decision.Redact) { Range = range, Replacement = Placeholder.Escaped(written), Category = "personal-data" },
            .. from value in known?.ValuesIn(text, ignoresCase) ?? []
               select new Finding("placeholder/value", Decision.Redact) { Range = value.Range, Replacement = value.Placeholder, IsReversible = true, Category = "personal-data" },
        ];
        return findings.Count == 0 ? Verdict.None : Verdict.Of([.. findings]);
    }
}
