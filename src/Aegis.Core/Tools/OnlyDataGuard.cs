namespace Aegis.Tools;

/// <summary>Nothing of a result goes on but data: what no data is wanted of is withheld, unless nobody but the app writes it.</summary>
internal sealed class OnlyDataGuard(ToolRules tools) : IGuard<ToolResult>
{
    public ValueTask<Verdict> InspectAsync(ToolResult subject, GuardContext context, CancellationToken cancellationToken) =>
        new(tools.For(subject) is { Extracts: null, Origin.IsTrusted: false } ? Verdict.Of(Finding.Block("sandbox/no-data", "autoRetry.escalationPath: the model is asked again without it; tools.*.extract says what it may read")) : Verdict.None);
}
