using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Aegis.Cli.BossBattle;

/// <summary>A tool of an opponent.</summary>
internal sealed class BattleFunction(BattleTool tool, Func<string> run) : AIFunction
{
    private readonly JsonElement _schema = JsonSerializer.SerializeToElement(new JsonObject
    {
        ["type"] = "object",
        ["properties"] = new JsonObject(tool.Parameters.Select(static parameter => KeyValuePair.Create(parameter.Key, (JsonNode?)new JsonObject { ["type"] = parameter.Value, ["description"] = $"The {parameter.Key}." }))),
    });

    public override string Name => tool.Name;

    public override string Description => tool.Description;

    public override JsonElement JsonSchema => _schema;

    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) => new(run());
}
