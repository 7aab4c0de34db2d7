using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary>The arguments of a call as a model writes them: one line of JSON, <c>{}</c> if there are none.</summary>
internal static class CallArguments
{
    private static readonly JsonSerializerOptions OneLine = new(AIJsonUtilities.DefaultOptions) { WriteIndented = false };

    public static string ToJson(FunctionCallContent call) =>
        JsonSerializer.Serialize(call.Arguments ?? new Dictionary<string, object?>(), OneLine);
}
