using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary>Token counts; the protocols have their own words for the same numbers. Absent where the model reported none.</summary>
internal static class WireUsage
{
    public static JsonObject? ForChatCompletions(UsageDetails? usage) => Write(usage, "prompt_tokens", "completion_tokens");

    public static JsonObject? ForResponses(UsageDetails? usage) => Write(usage, "input_tokens", "output_tokens");

    public static UsageDetails? Sum(UsageDetails? sum, UsageDetails next)
    {
        sum ??= new();
        sum.Add(next);
        return sum;
    }

    private static JsonObject? Write(UsageDetails? usage, string input, string output) => usage is null ? null : new()
    {
        [input] = usage.InputTokenCount ?? 0,
        [input + "_details"] = new JsonObject { ["cached_tokens"] = usage.CachedInputTokenCount ?? 0 },
        [output] = usage.OutputTokenCount ?? 0,
        [output + "_details"] = new JsonObject { ["reasoning_tokens"] = usage.ReasoningTokenCount ?? 0 },
        ["total_tokens"] = usage.TotalTokenCount ?? (usage.InputTokenCount ?? 0) + (usage.OutputTokenCount ?? 0),
    };
}
