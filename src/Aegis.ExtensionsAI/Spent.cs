using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>What a provider says that a response cost, as budgets count it.</summary>
internal static class Spent
{
    /// <summary>Tokens, none of them negative. What no side owns counts as the dearer one.</summary>
    public static TokenUsage Of(UsageDetails? usage, string? model)
    {
        var (input, output) = (Math.Max(0, usage?.InputTokenCount ?? 0), Math.Max(0, usage?.OutputTokenCount ?? 0));
        return new(input, output + Math.Max(0, (usage?.TotalTokenCount ?? 0) - input - output), model);
    }
}
