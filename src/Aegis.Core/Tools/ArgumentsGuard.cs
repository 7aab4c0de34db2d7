using System.Text.Json;

namespace Aegis.Tools;

/// <summary>Arguments that can be read in one way only, of the types that the schema names.</summary>
internal sealed class ArgumentsGuard : IGuard<ToolCall>
{
    public ValueTask<Verdict> InspectAsync(ToolCall subject, GuardContext context, CancellationToken cancellationToken)
    {
        if (subject.Arguments.Refusal is { } refusal)
        {
            return new(Verdict.Of(Finding.Block(refusal)));
        }

        if (subject.Tools?.Find(subject.Tool)?.Types is { Count: > 0 } types)
        {
            foreach (var (name, kind) in subject.Arguments.Kinds)
            {
                if (types.TryGetValue(name, out var wanted) && !Fits(kind, wanted))
                {
                    return new(Verdict.Of(Finding.Block("arguments/type", $"the schema wants a {(wanted == JsonValueKind.Number ? "number" : "boolean")}, not a {kind.ToString().ToLowerInvariant()}")));
                }
            }
        }

        return new(Verdict.None);
    }

    private static bool Fits(JsonValueKind kind, JsonValueKind wanted) =>
        kind == JsonValueKind.Null || kind == wanted || (wanted == JsonValueKind.True && kind == JsonValueKind.False);
}
