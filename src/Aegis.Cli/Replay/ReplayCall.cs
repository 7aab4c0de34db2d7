using System.Text.Json;
using Aegis.Tools;

namespace Aegis.Cli.Replay;

/// <summary>A call of a tool.</summary>
/// <param name="Tool">Its name.</param>
/// <param name="Arguments">Its arguments, an object.</param>
internal sealed record ReplayCall(string Tool, JsonElement Arguments)
{
    /// <summary>The arguments by name.</summary>
    public Dictionary<string, object?> Values() => Arguments.EnumerateObject().ToDictionary(static member => member.Name, static member => (object?)member.Value, StringComparer.Ordinal);

    /// <summary>What makes two calls the same.</summary>
    public string Key => KeyOf(Tool, Values());

    /// <summary>What makes two calls the same.</summary>
    public static string KeyOf(string tool, IEnumerable<KeyValuePair<string, object?>> arguments) => $"{tool}\n{ToolArguments.From(arguments).Canonical}";
}
