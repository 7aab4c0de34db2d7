using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Aegis.Testing.RedTeaming;

/// <summary>A tool of the stage: it notes that it ran, and returns what the stage says.</summary>
internal sealed class StageTool(string name, string description, JsonElement schema, Func<string> answer, ConcurrentQueue<StageCall> executed) : AIFunction
{
    public override string Name => name;

    public override string Description => description;

    public override JsonElement JsonSchema => schema;

    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        executed.Enqueue(new(name, arguments.ToDictionary(StringComparer.Ordinal)));
        return new(answer());
    }
}
