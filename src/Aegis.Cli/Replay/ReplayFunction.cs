using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Aegis.Cli.Replay;

/// <summary>A tool of a case: it returns what was recorded, and notes that it ran.</summary>
internal sealed class ReplayFunction(string name, string description, JsonElement schema, Func<string, string> answer, ConcurrentDictionary<string, bool> executed) : AIFunction
{
    public const string Nothing = "Done.";

    public override string Name => name;

    public override string Description => description;

    public override JsonElement JsonSchema => schema;

    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        var key = ReplayCall.KeyOf(name, arguments);
        executed[key] = true;
        return new(answer(key));
    }
}
