using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary>The functions a request offers and how the model may choose among them.</summary>
internal static class WireTools
{
    private static readonly JsonElement NoParameters = JsonElement.Parse("""{"type":"object","properties":{}}""");

    /// <param name="body">The request.</param>
    /// <param name="function">Where name, description and parameters stand in a tool or tool choice.</param>
    public static ChatOptions Read(JsonElement body, Func<JsonElement, JsonElement> function) => new()
    {
        ModelId = body.Required("model"),
        Tools = [.. body.Items("tools").Where(tool => tool.Required("type") == "function").Select(tool => Declare(function(tool)))],
        ToolMode = body.Member("tool_choice") switch
        {
            null => null,
            { ValueKind: JsonValueKind.Object } choice => ChatToolMode.RequireSpecific(function(choice).Required("name")),
            { } choice => choice.GetString() switch
            {
                "auto" => ChatToolMode.Auto,
                "none" => ChatToolMode.None,
                "required" => ChatToolMode.RequireAny,
                var other => throw new FormatException($"Invalid value: '{other}'. A tool choice is 'auto', 'none', 'required' or a function."),
            },
        },
    };

    private static AIFunctionDeclaration Declare(JsonElement function) =>
        AIFunctionFactory.CreateDeclaration(function.Required("name"), function.Optional("description"), function.Member("parameters") ?? NoParameters);
}
