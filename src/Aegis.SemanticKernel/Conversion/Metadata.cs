using System.Globalization;
using Microsoft.Extensions.AI;

namespace Aegis.SemanticKernel;

/// <summary>What a service says beside the text: what it cost and why it ended.</summary>
internal static class Metadata
{
    public const string Usage = "Usage";
    public const string FinishReason = "FinishReason";
    public const string Aegis = "aegis";

    private static readonly string[] Input = ["InputTokenCount", "InputTokens", "PromptTokenCount", "PromptTokens"];
    private static readonly string[] Output = ["OutputTokenCount", "OutputTokens", "CandidatesTokenCount", "CompletionTokens"];
    private static readonly string[] Total = ["TotalTokenCount", "TotalTokens"];

    /// <summary>The entries that carry no text of the model: numbers, times, and the few that every service has.</summary>
    public static IEnumerable<KeyValuePair<string, object?>> Safe(IReadOnlyDictionary<string, object?> metadata) =>
        metadata.Where(static entry => entry.Key is "Id" or "SystemFingerprint" or "ModelId" or Usage or FinishReason || entry.Value is null or bool or int or long or float or double or decimal or DateTime or DateTimeOffset or TimeSpan or Enum);

    /// <summary>Those entries, as metadata.</summary>
    public static Dictionary<string, object?> Bare(IReadOnlyDictionary<string, object?> metadata) => new(Safe(metadata).Concat(metadata.Where(static entry => entry is { Key: Aegis, Value: AegisRefusal or AegisReset })));

    /// <summary>What the response cost, in whichever form the service says it.</summary>
    public static UsageDetails? UsageOf(IReadOnlyDictionary<string, object?>? metadata)
    {
        if (metadata is null)
        {
            return null;
        }

        if (metadata.TryGetValue(Usage, out var usage) && usage is not null)
        {
            return usage as UsageDetails ?? Details(names => names.Select(name => usage.GetType().GetProperty(name)?.GetValue(usage)).FirstOrDefault(static value => value is not null));
        }

        return Details(names => names.Select(name => metadata.TryGetValue(name, out var value) ? value : null).FirstOrDefault(static value => value is not null));
    }

    public static ChatFinishReason? FinishReasonOf(IReadOnlyDictionary<string, object?>? metadata) =>
        metadata?.TryGetValue(FinishReason, out var reason) != true || reason?.ToString() is not { Length: > 0 } text ? null : text.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant() switch
        {
            "STOP" => ChatFinishReason.Stop,
            "LENGTH" or "MAXTOKENS" => ChatFinishReason.Length,
            "TOOLCALLS" => ChatFinishReason.ToolCalls,
            "CONTENTFILTER" or "SAFETY" => ChatFinishReason.ContentFilter,
            _ => null,
        };

    private static UsageDetails? Details(Func<string[], object?> find)
    {
        var (input, output, total) = (Number(find(Input)), Number(find(Output)), Number(find(Total)));
        return input is null && output is null && total is null ? null : new() { InputTokenCount = input, OutputTokenCount = output, TotalTokenCount = total };
    }

    private static long? Number(object? value) => value is int or long or short or uint ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : null;
}
