using System.Diagnostics;
using Aegis.Auditing;
using Aegis.Events;
using Aegis.Telemetry;

namespace Aegis.Guarding;

/// <summary>The span around the work of an inspection, and what it says. Only asked for while somebody listens.</summary>
internal static class InspectionSpan
{
    /// <summary>Characters of a text that a span holds, at most.</summary>
    public const int MaxContent = 4_096;

    /// <summary>The work for one subject, in a span.</summary>
    public static ValueTask<Inspection> AroundAsync<TState>(GuardPipeline pipeline, Subject subject, AegisRun run, Func<TState, CancellationToken, ValueTask<Inspection>> work, TState state, CancellationToken cancellationToken) =>
        AroundAsync(pipeline, [subject], run, work, state, static inspection => [inspection], cancellationToken);

    /// <summary>The same where there may be nothing to say.</summary>
    public static ValueTask<Inspection?> AroundAsync<TState>(GuardPipeline pipeline, Subject subject, AegisRun run, Func<TState, CancellationToken, ValueTask<Inspection?>> work, TState state, CancellationToken cancellationToken) =>
        AroundAsync(pipeline, [subject], run, work, state, static inspection => inspection is { } said ? [said] : [], cancellationToken);

    /// <summary>The work for subjects that pass or fail together, in one span.</summary>
    public static async ValueTask<TResult> AroundAsync<TState, TResult>(GuardPipeline pipeline, IReadOnlyList<Subject> subjects, AegisRun run, Func<TState, CancellationToken, ValueTask<TResult>> work, TState state, Func<TResult, Inspection[]> inspectionsOf, CancellationToken cancellationToken)
    {
        var span = AegisSpans.Begin(subjects[0].Checkpoint);
        try
        {
            var result = await work(state, cancellationToken);
            if (span is { IsAllDataRequested: true })
            {
                TrySay(span, subjects, run, inspectionsOf(result), pipeline.Services.CapturesContent);
            }

            return result;
        }
        catch (Exception e)
        {
            Fail(span, e);
            throw;
        }
        finally
        {
            AegisSpans.End(span);
        }
    }

    private static void TrySay(Activity span, IReadOnlyList<Subject> subjects, AegisRun run, Inspection[] inspections, bool capturesContent)
    {
        try
        {
            Say(span, subjects, run, inspections, capturesContent);
        }
        catch (Exception)   // what is decided is decided
        {
            AegisInstruments.Failed();
        }
    }

    private static void Say(Activity span, IReadOnlyList<Subject> subjects, AegisRun run, Inspection[] inspections, bool capturesContent)
    {
        span.SetTag(TelemetryNames.Checkpoint, AuditJson.NameOf(subjects[0].Checkpoint));
        string?[] tools = [.. subjects.Select(AegisEvent.ShownToolOf).OfType<string>().Take(AuditRecords.MostWords).Select(AuditText.Of)];
        span.SetTag(TelemetryNames.Tool, tools is [var only] ? only : null);
        span.SetTag(TelemetryNames.Tools, tools.Length > 1 ? tools : null);
        span.SetTag(TelemetryNames.Run, run.Id.Value);
        span.SetTag(TelemetryNames.Conversation, run.IsAnonymous ? null : AuditText.Of(run.Session.Id));
        if (inspections.Length == 0)
        {
            return;
        }

        var strictest = inspections.MaxBy(static inspection => (inspection.Decision, inspection.Verdict.Decision));
        Finding[] findings = [.. inspections.SelectMany(static inspection => inspection.Verdict.Findings)];
        span.SetTag(TelemetryNames.Decision, AuditJson.NameOf(strictest.Decision));
        span.SetTag(TelemetryNames.Verdict, AuditJson.NameOf(strictest.Verdict.Decision));
        span.SetTag(TelemetryNames.DecisionId, strictest.Id.ToString());
        span.SetTag(TelemetryNames.Risk, inspections.Max(static inspection => inspection.Verdict.Risk));
        span.SetTag(TelemetryNames.Rules, Distinct(findings, static finding => [finding.Rule]));
        span.SetTag(TelemetryNames.Owasp, Distinct(findings, static finding => finding.Owasp));
        span.SetTag(TelemetryNames.Atlas, Distinct(findings, static finding => finding.Atlas));
        span.SetTag(TelemetryNames.Policy, AuditText.Of(strictest.Version?.Name));
        span.SetTag(TelemetryNames.PolicyHash, strictest.Version?.Hash);
        if (strictest.Verdict.Deciding is { IsFailure: true } failure)
        {
            span.SetStatus(ActivityStatusCode.Error, AuditText.Of(failure.Rule));   // something broke; what was blocked for what it is, is no error
        }

        if (capturesContent && inspections is [var one])
        {
            SayContent(span, one);
        }
    }

    /// <summary>The text as it goes on; none of what does not, or only because nothing is enforced, or because somebody has allowed it. None of answers: they are judged window by window, and no span has one as it leaves.</summary>
    private static void SayContent(Activity span, Inspection inspection)
    {
        if (inspection.Verdict.Decision > Decision.Redact || (inspection.Verdict.Decision == Decision.Redact && inspection.Decision != Decision.Redact))
        {
            return;
        }

        var (name, text) = inspection.Subject switch
        {
            ToolCall call => (TelemetryNames.ToolArguments, (call.Shown ?? call.Arguments) is { Refusal: null } arguments ? arguments.Canonical : ""),
            ToolResult result => (TelemetryNames.ToolResult, result.Text),
            UserInput { IsPart: false } input => (TelemetryNames.Content, input.Text),   // parts are judged together once more
            ToolDefinition definition => (TelemetryNames.Content, definition.Text),
            _ => (TelemetryNames.Content, ""),
        };
        if (text.Length > 0)
        {
            span.SetTag(name, text.Length <= MaxContent ? text : text[..(char.IsHighSurrogate(text[MaxContent - 1]) ? MaxContent - 1 : MaxContent)]);
        }
    }

    private static void Fail(Activity? span, Exception e)
    {
        span?.SetTag("error.type", e.GetType().Name);
        span?.SetStatus(e is OperationCanceledException ? ActivityStatusCode.Unset : ActivityStatusCode.Error);
    }

    private static string[]? Distinct(Finding[] findings, Func<Finding, IReadOnlyList<string>> of)
    {
        string[] all = [.. findings.SelectMany(of).Select(AuditText.Of).OfType<string>().Distinct(StringComparer.Ordinal).Take(AuditRecords.MostWords)];
        return all.Length == 0 ? null : all;
    }
}
