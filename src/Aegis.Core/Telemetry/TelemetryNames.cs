using Aegis.Auditing;

namespace Aegis.Telemetry;

/// <summary>Names of metrics, spans and attributes, so that they change in one place.</summary>
internal static class TelemetryNames
{
    public const string Scans = "aegis.scans.total";
    public const string ScansBlocked = "aegis.scans.blocked";
    public const string Violations = "aegis.violations.total";
    public const string Decisions = "aegis.decisions";
    public const string GuardDuration = "aegis.guard.duration";
    public const string JudgeLatency = "aegis.judge.latency_ms";
    public const string Failures = "aegis.telemetry.failures";

    public const string Checkpoint = "aegis.checkpoint";
    public const string Decision = "aegis.decision";
    public const string DecisionId = "aegis.decision.id";
    public const string Verdict = "aegis.verdict";
    public const string Event = "aegis.event";
    public const string Rule = "aegis.rule";
    public const string Rules = "aegis.rules";
    public const string Risk = "aegis.risk";
    public const string Owasp = "aegis.owasp";
    public const string Atlas = "aegis.atlas";
    public const string Policy = "aegis.policy";
    public const string PolicyHash = "aegis.policy.hash";
    public const string Run = "aegis.run";
    public const string Tools = "aegis.tools";
    public const string Content = "aegis.content";
    public const string JudgeOutcome = "aegis.judge.outcome";

    public const string Conversation = "gen_ai.conversation.id";
    public const string Tool = "gen_ai.tool.name";
    public const string ToolArguments = "gen_ai.tool.call.arguments";
    public const string ToolResult = "gen_ai.tool.call.result";

    /// <summary>What other libraries of generative AI ask before they record texts.</summary>
    public const string CaptureVariable = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

    private static readonly string[] Spans = [.. Enum.GetValues<Checkpoint>().Select(static at => $"aegis.inspect {AuditJson.NameOf(at)}")];

    /// <summary>Of the span around an inspection.</summary>
    public static string SpanOf(Checkpoint checkpoint) => Spans[(int)checkpoint];
}
