using Aegis.Guarding;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>What the model and the app read when something is stopped: the rule, never the text that was matched.</summary>
internal static class Notices
{
    public const string NotExecuted = "Not executed, because another call of the same step was blocked. Ask again for this one if it is still needed.";

    public const string BlockedInput = "[A message was blocked.]";

    public static string Denied(Verdict verdict) => Sentence("The call was not executed", verdict);

    public static string WithheldResult(Verdict verdict) => Sentence("The tool's result was withheld", verdict);

    public static string AskedAgain(Verdict verdict) => $"Your last answer was withheld: blocked by rule '{verdict.Rule}'. Answer the request again without what the rule is about, and do not try to get around it; if that cannot be done, say so.";

    /// <summary>The app's refusal text, and on the response why.</summary>
    public static ChatResponse Refusal(AegisPolicy policy, Inspection inspection)
    {
        var response = new ChatResponse(new ChatMessage(ChatRole.Assistant, policy.RefusalText)) { FinishReason = ChatFinishReason.ContentFilter };
        Mark(response.AdditionalProperties ??= [], inspection);
        return response;
    }

    public static void Mark(AdditionalPropertiesDictionary properties, Inspection inspection) => properties["aegis"] = RefusalOf(inspection.Verdict, inspection.Id.ToString());

    public static AegisRefusal RefusalOf(Verdict verdict, string decisionId) =>
        new(decisionId, [.. verdict.Findings.Where(finding => finding.Decision == verdict.Decision).Select(static finding => finding.Rule).Distinct(StringComparer.Ordinal)], verdict.Deciding?.Detail);

    /// <summary>What a response says that was made without a message of the user.</summary>
    public static AegisReset ResetOf(Inspection stopped) => new(stopped.Id.ToString(), RefusalOf(stopped.Verdict, "").Rules);

    /// <summary>Under which name a question says why it is asked.</summary>
    public const string WhyKey = "aegis.why";

    /// <summary>Why a person is asked, for people: rules and what they say, without any text of the conversation.</summary>
    public static string Why(Verdict verdict) =>
        string.Join("; ", verdict.Findings.Where(static finding => finding.Decision == Decision.Ask).Select(static finding => finding.Detail is { } detail ? $"{finding.Rule} ({detail})" : finding.Rule).Distinct(StringComparer.Ordinal));

    private static string Sentence(string what, Verdict verdict) =>
        $"{what}: blocked by rule '{verdict.Rule}'{(WhyOf(verdict) is { } why ? $" ({why})" : "")}. Do not try to get around it; go on without, or tell the user.";

    /// <summary>What the model may tell the user. Where a person would have had to agree, why; how the app finds one is not the model's business.</summary>
    private static string? WhyOf(Verdict verdict) =>
        verdict.Rule?.StartsWith("approval/", StringComparison.Ordinal) == true && verdict.Findings.FirstOrDefault(static finding => finding.Decision == Decision.Ask) is { } asks
            ? $"a person must agree: {asks.Rule}{(asks.Detail is { } detail ? $", {detail}" : "")}"
            : verdict.Deciding?.Detail;
}
