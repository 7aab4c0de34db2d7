using System.Text.Json;
using Aegis.Events;
using Aegis.Flow;
using Aegis.Flow.Placeholders;
using Aegis.Judging;
using Aegis.Media;
using Aegis.Policies;
using Aegis.Replaying;
using Aegis.Sandboxing;
using Aegis.Telemetry;
using Aegis.Tools;
using Aegis.Tools.Effects;

namespace Aegis.Guarding;

/// <summary>
/// The only place where something can pass. Read the session; ask the guards, cheap before dear; merge, and ask a person if that is the
/// verdict; commit once with a re-check; publish one event. Whatever throws or hangs on the way blocks.
/// </summary>
internal sealed class GuardPipeline(CompiledPolicy policy, GuardServices services, Tape? tape = null)
{
    private const string Unavailable = "session/unavailable";

    public CompiledPolicy Policy => policy;

    public GuardServices Services => services;

    /// <summary>What hears, or says, all that this one inspection hears from outside; null: nobody does.</summary>
    public Tape? Tape => tape;

    /// <summary>The same without a tape, for those whose answer is on it as a whole.</summary>
    private GuardPipeline Untaped { get; init; } = null!;

    private DateTimeOffset Now => tape is null ? services.Now : tape.Ask(TapeChannels.Clock, TapeCodecs.Time, () => services.Now);

    /// <summary>Whether what comes is to be kept for a replay.</summary>
    private bool Keeps => tape is null && policy.Audit is { Content: not null } && services.Audit.IsOn;

    /// <summary>The pipeline for an answer that takes the place of a blocked one; null: none does.</summary>
    public GuardPipeline? Stricter { get; } = tape is null && policy.Stricter is { } stricter ? new(stricter, services) : null;

    /// <summary>Reads media, which then is judged as the text that it holds; null: nobody can.</summary>
    public MediaReader? Media { get; } = tape is null && services.TextExtractor is { } extractor && !policy.IsOff ? new(extractor, policy.Source.Input.Media, services.Time, services.GuardTimeout) : null;

    public ValueTask<Inspection> InspectAsync(Subject subject, AegisRun run, CancellationToken cancellationToken) =>
        !IsHeard ? InspectUnheardAsync(subject, run, cancellationToken)
        : InspectionSpan.AroundAsync(this, subject, run, static (state, token) => state.Pipeline.InspectUnheardAsync(state.Subject, state.Run, token), (Pipeline: this, Subject: subject, Run: run), cancellationToken);

    /// <summary>Whether the work is to be said in spans.</summary>
    private bool IsHeard => AegisSpans.IsHeard && !policy.IsOff;

    private async ValueTask<Inspection> InspectUnheardAsync(Subject subject, AegisRun run, CancellationToken cancellationToken)
    {
        if (policy.IsOff)
        {
            return new(subject, Verdict.None, Decision.Allow, DecisionId.Next());
        }

        if (Keeps)
        {
            return await Taped(TapeKind.Inspect, [subject], run).InspectUnheardAsync(subject, run, cancellationToken);
        }

        var judged = await JudgeAsync(subject, run, DecisionId.Next(), cancellationToken);
        if (judged.Waits && !policy.IsMonitor)
        {
            var asked = new[] { judged };
            await AskPeopleAsync(asked, run, cancellationToken);
            judged = asked[0];
        }

        var refusal = judged.Passes || policy.IsMonitor ? await CommitAsync(judged.Charge, run, cancellationToken)
            : judged.Charge.Trajectory is not null ? await CommitAsync(judged.Charge.Tried, run, cancellationToken)
            : null;   // what is blocked spends nothing
        var inspection = Finish(judged, refusal, run);
        if (policy.Locks is not { } rule)
        {
            return await CloseAsync(inspection, judged, run, cancellationToken);
        }

        (inspection, var change) = await CountAsync(rule, inspection, judged, run, cancellationToken);
        try
        {
            return await CloseAsync(inspection, judged, run, cancellationToken);
        }
        finally
        {
            if (change is not null)
            {
                services.Events.Publish(change);   // the lock holds, whoever still waits
            }
        }
    }

    /// <summary>Counts what a user typed and what was blocked as an attack; the lock that comes of it, to be said after the inspection.</summary>
    private async ValueTask<(Inspection Inspection, AegisEvent? Lock)> CountAsync(LockRule rule, Inspection inspection, Judgement judged, AegisRun run, CancellationToken cancellationToken)
    {
        if (judged.Subject is not UserInput typed || !Strike.Is(typed, inspection.Verdict, run) || rule.AccountOf(run.Session) is not { } account)
        {
            return (inspection, null);
        }

        Finding finding;
        AegisEvent? change = null;
        try
        {
            var now = Now;
            var held = await UpdateAsync(account, static (state, typed) => typed.rule.Count(state, typed.Text, typed.now, typed.Enforce), (rule, Text: Strike.TextOf(typed.Text), now, Enforce: !policy.IsMonitor), cancellationToken);
            if (held is null)
            {
                return (inspection, null);
            }

            finding = Finding.Block("recovery/locked", rule.Detail);
            change = policy.IsMonitor ? null : LockEvent(inspection.Id, account, held.Kind, new(held.Until), now, finding);
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            finding = Finding.Failed(Unavailable, ReplayedException.NameOf(e));
        }

        return (new(inspection.Subject, inspection.Verdict.And(finding), inspection.Decision, inspection.Id) { Version = policy.Version }, change);
    }

    private AegisEvent LockEvent(DecisionId id, SessionId account, SessionLockKind kind, LockChange change, DateTimeOffset now, Finding? why = null) =>
        new(id, subject: null, account, why is null ? Verdict.None : Verdict.Of(why), why?.Decision ?? Decision.Allow) { Time = now, Version = policy.Version, Lock = kind, Change = change };

    /// <summary>A lock on a session that was read, or on the account of its user; null: none holds. One that is over is taken away, which is said.</summary>
    private async ValueTask<Finding?> LockedAsync(SessionState state, SessionId session, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (state.IsLocked(now))
        {
            return Ledger.Locked(state);
        }

        try
        {
            if (state.Lock is { } over)
            {
                await ExpireAsync(session, over, now, cancellationToken);
            }

            if (session.PrincipalAccount is not { } account)
            {
                return null;
            }

            var shared = await ReadAsync(services.Store, account, cancellationToken);
            if (shared.IsLocked(now))
            {
                return Ledger.Locked(shared, isOfPrincipal: true);
            }

            if (shared.Lock is { } past)
            {
                await ExpireAsync(account, past, now, cancellationToken);
            }

            return null;
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Finding.Failed(Unavailable, ReplayedException.NameOf(e));
        }
    }

    private async ValueTask ExpireAsync(SessionId account, SessionLock over, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await UpdateAsync(account, static (state, over) => state.Lock == over ? (state with { Lock = null }, true) : (state, false), over, cancellationToken))
        {
            services.Events.Publish(LockEvent(DecisionId.Next(), account, SessionLockKind.None, new(over.Until, HasExpired: true), now));
        }
    }

    /// <summary>Why a person may not even be asked about a call; null: nothing has happened yet.</summary>
    public ValueTask<Inspection?> RefuseUnaskedAsync(ToolCall call, AegisRun run, CancellationToken cancellationToken) =>
        !IsHeard ? RefuseUnheardAsync(call, run, cancellationToken)
        : InspectionSpan.AroundAsync(this, call, run, static (state, token) => state.Pipeline.RefuseUnheardAsync(state.Call, state.Run, token), (Pipeline: this, Call: call, Run: run), cancellationToken);

    private async ValueTask<Inspection?> RefuseUnheardAsync(ToolCall call, AegisRun run, CancellationToken cancellationToken)
    {
        if (Keeps)
        {
            return await Taped(TapeKind.RefuseUnasked, [call], run).RefuseUnheardAsync(call, run, cancellationToken);
        }

        var judged = await JudgeAsync(call, run, DecisionId.Next(), cancellationToken);
        return judged.Decision == Decision.Block && !policy.IsMonitor ? await CloseAsync(Finish(judged, null, run), judged, run, cancellationToken) : null;
    }

    /// <summary>A text leaves quarantine: the same five steps, and an event in any case.</summary>
    public ValueTask<Inspection> ReleaseAsync(ToolResult text, AegisRun run, Finding released, CancellationToken cancellationToken) =>
        !IsHeard ? ReleaseUnheardAsync(text, run, released, cancellationToken)
        : InspectionSpan.AroundAsync(this, text, run, static (state, token) => state.Pipeline.ReleaseUnheardAsync(state.Text, state.Run, state.Released, token), (Pipeline: this, Text: text, Run: run, Released: released), cancellationToken);

    private async ValueTask<Inspection> ReleaseUnheardAsync(ToolResult text, AegisRun run, Finding released, CancellationToken cancellationToken)
    {
        if (Keeps && !policy.IsOff)
        {
            return await Taped(TapeKind.Release, [text], run, released).ReleaseUnheardAsync(text, run, released, cancellationToken);
        }

        var judged = policy.IsOff ? new(text, Verdict.None, Decision.Allow, default, DecisionId.Next(), Now, services.Time.GetTimestamp(), 1) : await JudgeAsync(text, run, DecisionId.Next(), cancellationToken, extracts: false);
        var refusal = judged.Passes || policy.IsMonitor ? await CommitAsync(judged.Charge, run, cancellationToken) : null;
        var inspection = await CloseAsync(Finish(refusal is null && (judged.Passes || policy.IsMonitor) ? judged.And(released) : judged, refusal, run), judged, run, cancellationToken);
        if (inspection.MayProceed && services.Releases.GetOrAdd(run.Session, static () => new()).IsExcessive(judged.Now))
        {
            services.Events.Publish(new(inspection.Id, text, run.Session, Verdict.Of(new Finding("untrusted/excessive", Decision.Flag, 0) { Detail = ReleaseCount.Words }), Decision.Flag)
            {
                Time = judged.Now,
                Run = run.Id.Value,
                Version = policy.Version,
                Named = EventTypes.ExcessiveUnwrap,
            });
        }

        return inspection;
    }

    /// <summary>All calls of one model response: either every one may run and is charged, or none is. People are asked once, when nothing else stands in the way.</summary>
    public ValueTask<Inspection[]> InspectAllAsync(IReadOnlyList<ToolCall> calls, AegisRun run, CancellationToken cancellationToken) =>
        !IsHeard || calls.Count == 0 ? InspectAllUnheardAsync(calls, run, cancellationToken)
        : InspectionSpan.AroundAsync(this, calls, run, static (state, token) => state.Pipeline.InspectAllUnheardAsync(state.Calls, state.Run, token), (Pipeline: this, Calls: calls, Run: run), static inspections => inspections, cancellationToken);

    private async ValueTask<Inspection[]> InspectAllUnheardAsync(IReadOnlyList<ToolCall> calls, AegisRun run, CancellationToken cancellationToken)
    {
        if (Keeps && calls.Count > 0)
        {
            return await Taped(TapeKind.InspectAll, calls, run).InspectAllUnheardAsync(calls, run, cancellationToken);
        }

        var judged = new Judgement[calls.Count];
        var charges = new Charge[calls.Count];
        var waits = false;
        var labels = policy.TracksFlow && calls.Count > 1 ? calls.Aggregate(SessionLabels.None, (all, call) => all | policy.Tools.LabelsOf(call)) : SessionLabels.None;   // none of them waits for another
        for (var i = 0; i < judged.Length; i++)
        {
            judged[i] = await JudgeAsync(calls[i], run, DecisionId.Next(), cancellationToken, labels);
            waits |= judged[i].Waits;
        }

        if (waits && !policy.IsMonitor)
        {
            await AskPeopleAsync(judged, run, cancellationToken);
        }

        var passes = true;
        for (var i = 0; i < judged.Length; i++)
        {
            charges[i] = judged[i].Charge;
            passes &= judged[i].Passes || policy.IsMonitor;
        }

        var refusals = new Finding?[judged.Length];
        if (passes && judged.Length > 0)
        {
            if (await CommitAllAsync(charges, run, cancellationToken) is var (index, finding))
            {
                refusals[index] = finding;
            }
        }

        var inspections = new Inspection[judged.Length];
        for (var i = 0; i < judged.Length; i++)
        {
            inspections[i] = Remembered(Finish(judged[i], refusals[i], run), judged[i].Subject, run);
        }

        Finding? unrecorded = null;
        var isTold = false;
        try
        {
            var untold = await TellAsync(run, cancellationToken);
            isTold = true;
            for (var i = 0; i < judged.Length && untold is not null; i++)
            {
                inspections[i] = Stopped(inspections[i], untold);
            }

            unrecorded = services.Audit.IsOn ? await RecordAllAsync(inspections, judged, run, cancellationToken) : null;
        }
        catch (OperationCanceledException)
        {
            for (var i = 0; i < judged.Length; i++)
            {
                PublishLeft(inspections[i], judged[i], run, isTold, i);
            }

            throw;
        }

        for (var i = 0; i < judged.Length; i++)
        {
            inspections[i] = Publish(unrecorded is null ? inspections[i] : Stopped(inspections[i], unrecorded), judged[i], run, isAudited: unrecorded is null);
        }

        return inspections;
    }

    /// <summary>The same five steps for something that the adapter itself found and no guard can see.</summary>
    public ValueTask<Inspection> RecordAsync(Subject subject, AegisRun run, Finding finding, CancellationToken cancellationToken) =>
        !IsHeard ? RecordUnheardAsync(subject, run, finding, cancellationToken)
        : InspectionSpan.AroundAsync(this, subject, run, static (state, token) => state.Pipeline.RecordUnheardAsync(state.Subject, state.Run, state.Finding, token), (Pipeline: this, Subject: subject, Run: run, Finding: finding), cancellationToken);

    private async ValueTask<Inspection> RecordUnheardAsync(Subject subject, AegisRun run, Finding finding, CancellationToken cancellationToken)
    {
        if (Keeps)
        {
            return await Taped(TapeKind.Record, [subject], run, finding).RecordUnheardAsync(subject, run, finding, cancellationToken);
        }

        var now = Now;
        var judged = new Judgement(subject, Verdict.Of(finding), finding.Decision, BudgetPlanner.Add(this, policy.ChargeFor(subject, run, now), subject, run, hasSteps: true) with { Risk = finding.Decision < Decision.Block ? finding.Risk : 0 }, DecisionId.Next(), now, services.Time.GetTimestamp(), 1);
        var refusal = judged.Passes || policy.IsMonitor ? await CommitAsync(judged.Charge, run, cancellationToken) : null;
        return await CloseAsync(Finish(judged, refusal, run), judged, run, cancellationToken);
    }

    /// <summary>What has come since a call was allowed: a lock, the end of the run's time, another policy than the one that asked a person, another tool under its name, a narrower task. Null: it may still run, and is not charged again.</summary>
    public async ValueTask<Finding?> SinceAsync(ToolCall call, AegisRun run, Inspection allowed, CancellationToken cancellationToken)
    {
        if (allowed.Version?.Hash != policy.Version.Hash && allowed.Verdict.Decision == Decision.Ask && !policy.IsMonitor)
        {
            return Finding.Block("approval/policy-changed", "the policy was reloaded after a person was asked");
        }

        if (TaskGuard.Against(Placed(call)) is { } outOfTask)
        {
            return outOfTask;
        }

        if (AgainstTool(call, await ReadPinsAsync(call.Tools, cancellationToken)) is { } changed)
        {
            return changed;
        }

        return await StoppedAsync(run, cancellationToken);
    }

    /// <summary>A lock, or the end of the run's time; null: neither has come.</summary>
    private async ValueTask<Finding?> StoppedAsync(AegisRun run, CancellationToken cancellationToken)
    {
        var now = Now;
        try
        {
            var state = await ReadAsync(services.Store, run.Session, cancellationToken);
            return await LockedAsync(state, run.Session, now, cancellationToken) is { } locked ? locked : now >= run.Ticket.Started + policy.Run.MaxDuration ? policy.Run.DurationSpent() : null;
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Finding.Failed(Unavailable, ReplayedException.NameOf(e));
        }
    }

    /// <summary>A lock that has come while an answer is shown; null: none has.</summary>
    public async ValueTask<Finding?> LockedAsync(AegisRun run, CancellationToken cancellationToken)
    {
        try
        {
            var state = await ReadAsync(services.Store, run.Session, cancellationToken);
            return await LockedAsync(state, run.Session, services.Now, cancellationToken);
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Finding.Failed(Unavailable, ReplayedException.NameOf(e));
        }
    }

    /// <summary>The run is over: its account is closed.</summary>
    public async ValueTask EndAsync(AegisRun run, CancellationToken cancellationToken)
    {
        try
        {
            await UpdateAsync(run.Session, static (state, id) => (Ledger.End(state, id), true), run.Id, cancellationToken);
        }
        catch (Exception)
        {
            cancellationToken.ThrowIfCancellationRequested();   // else it expires by itself
        }
    }

    /// <summary>Asks the guards, without a commit or an event. Those that answer at once cost no state machine.</summary>
    internal ValueTask<Verdict> AskGuardsAsync(Subject subject, GuardContext context, CancellationToken cancellationToken)
    {
        var steps = policy.Guards.For(subject);
        if (tape is not null)
        {
            return AskTapedAsync(tape, steps, subject, context, cancellationToken);
        }

        var verdict = Verdict.None;
        for (var i = 0; i < steps.Count && GoesOn(verdict, subject); i++)
        {
            var step = steps[i];
            if (step.IsForeign)
            {
                return AskRestAsync(steps, i, null, verdict, subject, context, cancellationToken);
            }

            ValueTask<Verdict> asked;
            try
            {
                asked = step.InspectAsync(subject, context, cancellationToken);
            }
            catch (Exception e)   // a guard that throws has not said "allow"
            {
                cancellationToken.ThrowIfCancellationRequested();
                verdict = verdict.And(Finding.Failed($"{step.Name}/failed", ReplayedException.NameOf(e)));
                continue;
            }

            if (!asked.IsCompletedSuccessfully)
            {
                return AskRestAsync(steps, i, asked, verdict, subject, context, cancellationToken);
            }

            verdict = verdict.And(asked.Result);
        }

        return new(verdict);
    }

    /// <summary>Nothing dearer can change a block; but of an answer what stands before it is shown, and of a result data may go on: all guards must have read that.</summary>
    private bool GoesOn(Verdict verdict, Subject subject) => verdict.Decision < Decision.Block || subject is OutputWindow || (subject is ToolResult result && policy.ExtractionOf(result, verdict) is not null);

    private async ValueTask<Verdict> AskRestAsync(List<GuardStep> steps, int first, ValueTask<Verdict>? asked, Verdict verdict, Subject subject, GuardContext context, CancellationToken cancellationToken)
    {
        for (var i = first; i < steps.Count && GoesOn(verdict, subject); i++)
        {
            verdict = verdict.And(await AskAsync(steps[i], steps[i].IsForeign || i > first ? null : asked, subject, context, cancellationToken));
        }

        return verdict;
    }

    /// <summary>The verdict of the policy, without a question, a commit or an event.</summary>
    private async ValueTask<Judgement> JudgeAsync(Subject subject, AegisRun run, DecisionId id, CancellationToken cancellationToken, SessionLabels step = SessionLabels.None, bool extracts = true)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var began = services.Time.GetTimestamp();
        var now = At(began);
        var taken = 0;
        PinReading pins = default;
        subject = Placed(subject);
        SessionState state;
        try
        {
            subject = subject is ToolCall call ? ToRun(call, run) : subject;
        }
        catch (Exception e)
        {
            return Judged(Verdict.Of(Finding.Failed("placeholder/failed", ReplayedException.NameOf(e))), default);
        }

        var shared = SharedFor(subject, run);
        var caughtUp = shared?.CatchUpAsync(cancellationToken);   // at the same time as the session is read
        try
        {
            state = await ReadAsync(services.Store, run.Session, cancellationToken);
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Judged(Verdict.Of(Finding.Failed(Unavailable, ReplayedException.NameOf(e))), default);
        }

        now = At(began);   // a store that shares its clock may have said only now what time it is
        if (await LockedAsync(state, run.Session, now, cancellationToken) is { } locked)
        {
            return Judged(Verdict.Of(locked), default);
        }

        var missed = caughtUp is null ? null : await caughtUp ?? shared!.Compare(state.Labels);
        missed = tape is null ? missed : Heard(TapeChannels.Missed, missed);

        if (subject is ToolCall or ModelStep)
        {
            pins = await ReadPinsAsync((subject as ModelStep)?.Tools ?? ((ToolCall)subject).Tools, cancellationToken);
        }

        var memory = (subject is ToolCall && policy.TracksFlow) || (subject is UserInput or ToolResult && policy.JoinsTexts) ? MemoryOf(run) : null;
        memory = tape is null || memory is null ? memory : Known(memory, subject);
        var context = new GuardContext(run.Session, state, state.Run(run.Id), now, id, memory, step | (memory?.Labels ?? SessionLabels.None))
        {
            Placeholders = PlaceholdersOf(run),
            Integrity = subject is not ToolCall made ? null : tape is null ? AgainstTool(made, pins) : Derived(made, pins),
        };
        taken = context.Steps;
        Charge charge;
        Finding? spent;
        try
        {
            charge = policy.ChargeFor(subject, run, now);
            charge = charge with { Labels = charge.Labels & ~state.Labels, Seen = context.Labels | charge.Labels, DependsOnLabels = memory is not null };
            charge = tape is null ? charge : Derived(charge);
            charge = BudgetPlanner.Add(this, charge, subject, run, hasSteps: state.Run(run.Id)?.Steps > 0);
            spent = missed is { Decision: Decision.Block } ? missed : Ledger.Preview(state, run.IsAnonymous ? charge with { Spends = null } : charge)
                ?? (policy.IsMonitor && run.IsAnonymous && charge.Spends is { Length: > 0 } ? await PreviewInstanceAsync(charge, run, cancellationToken) : null)
                ?? (policy.IsMonitor && charge.Plan is { } plan ? await PreviewOthersAsync(plan, now, cancellationToken) : null);
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Judged(Verdict.Of(Finding.Failed("budget/failed", ReplayedException.NameOf(e))), default);
        }

        var verdict = spent is not null ? Verdict.Of(spent) : await AskGuardsAsync(subject, context, cancellationToken);
        verdict = missed is { Decision: Decision.Flag } ? verdict.And(missed) : verdict;
        verdict = verdict.Decision == Decision.Redact && subject is TextSubject { MediaRisk: not null } ? verdict.And(Finding.Block(MediaGuard.NotRedactable)) : verdict;
        if (extracts && spent is null && subject is ToolResult result && policy.ExtractionOf(result, verdict) is { } schema)
        {
            var (data, extraction) = await ExtractAsync(result, schema, run, id, cancellationToken);
            verdict = verdict.And(extraction);
            var (shown, stopped) = data is null ? default : await ReadDataAsync(result with { Text = DataText.Of(data.Value), Data = null }, context, run, cancellationToken);
            verdict = stopped is null ? verdict : verdict.And(stopped);
            var judgement = Judged(verdict, charge with { Risk = RiskBelowTheLine(verdict) });
            return shown is null ? judgement : judgement with { Decision = Decision.Flag, Extracted = shown };
        }

        var isAnswered = false;
        if (policy.Judge is not null && spent is null && await HearJudgeAsync(subject, verdict, run, id, cancellationToken) is { } said)
        {
            isAnswered = verdict.Decision == Decision.Ask && said.Rule == JudgeRound.Approved;
            verdict = verdict.And(said);
        }

        charge = charge with { Risk = RiskBelowTheLine(verdict) };
        var judged = Judged(verdict, subject is UserInput typed && (typed.IsTyped || typed.Pieces is not null) && run.Parent is null && policy.Trajectory is { } trajectory ? trajectory.Weigh(charge, typed, verdict, state) : charge);
        return isAnswered ? judged with { Decision = Decision.Flag, Charge = judged.Charge with { Now = Now } } : judged;

        Judgement Judged(Verdict verdict, Charge charge) => new(subject, verdict, verdict.Decision, charge, id, now, began, taken + 1) { Pins = pins };
    }

    /// <summary>
    /// Data as the model would read it, judged as if the tool had returned it: with its names, numbers and words of enumerations, behind what came before, and with
    /// placeholders for what the user typed. Or why it may not go on: a lock may have come while it was taken out.
    /// </summary>
    private async ValueTask<(string? Shown, Finding? Stopped)> ReadDataAsync(ToolResult data, GuardContext context, AegisRun run, CancellationToken cancellationToken)
    {
        var verdict = await AskGuardsAsync(data, context, cancellationToken);
        return verdict.Decision >= Decision.Ask || verdict.Risk >= policy.Source.Sandbox!.Threshold ? (null, Finding.Block("sandbox/invalid", "as a whole the data may not go on"))
            : await StoppedAsync(run, cancellationToken) is { } stopped ? (null, stopped)
            : (verdict.Decision == Decision.Redact ? Redacted(data, verdict, run).Text : data.Text, null);
    }

    /// <summary>The second opinion on what lies in the grey zone; null: there is none, or nobody is asked.</summary>
    private async ValueTask<Finding?> HearJudgeAsync(Subject subject, Verdict verdict, AegisRun run, DecisionId id, CancellationToken cancellationToken)
    {
        var (rules, root) = (policy.Judge!, RootOf(run));
        if (!Wants(rules, subject, verdict, UnreadOf(root)))
        {
            if (rules.LeavesToOutput(subject))
            {
                root.LeaveUnread(JudgeRules.RiskOf(verdict));
            }

            return null;
        }

        var unread = UnreadOf(root);
        var said = await AskJudgeAsync(subject, verdict, run, id, cancellationToken);
        if (said.Rule != JudgeRound.Approved && said.Decision < Decision.Ask && subject is (UserInput or ToolResult))
        {
            root.LeaveUnread(JudgeRules.RiskOf(verdict));
        }
        else if (said.Rule == JudgeRound.Approved && subject is ModelOutput { Calls: 0 } && run.Parent is null)
        {
            root.Read(unread);
        }

        return said;
    }

    /// <summary>Whether a step is to be taken again with the user's words hidden: one of its calls sends or changes something, and the session has read what others may have written.</summary>
    public async ValueTask<bool> WantsMaskedAsync(IReadOnlyList<ToolCall> calls, AegisRun run, CancellationToken cancellationToken)
    {
        if (!policy.Source.Alignment.MaskedReexecution || !calls.Any(call => !call.Approved && FlowGuard.DoingOf(call, policy.Tools).Reach >= ToolReach.Write))
        {
            return false;
        }

        if (MemoryOf(run).Labels.HasFlag(SessionLabels.Untrusted) || (calls.Count > 1 && calls.Any(call => policy.Tools.LabelsOf(call).HasFlag(SessionLabels.Untrusted))))
        {
            return true;
        }

        try
        {
            return (await ReadAsync(services.Store, run.Session, cancellationToken)).Labels.HasFlag(SessionLabels.Untrusted);
        }
        catch (Exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return true;   // nobody knows
        }
    }

    /// <summary>Sets aside what a call of a judge, of the sandbox, or of a model with the user's words hidden, will cost. A refusal, or the charge that was made.</summary>
    public async ValueTask<(Finding? Refusal, Charge Made)> ReserveAsync(Helper helper, TokenUsage estimate, AegisRun run, CancellationToken cancellationToken)
    {
        var charge = BudgetPlanner.Add(this, new Charge { Now = Now, Run = run.Ticket, Limits = policy.Run, Asks = helper, Spends = policy.AdvanceFor(helper, estimate) }, estimate, run);
        var refusal = await CommitAsync(charge, run, cancellationToken);
        return (refusal, charge);
    }

    /// <summary>Corrects what was set aside, once it is known what was spent.</summary>
    public async ValueTask SettleAsync(Charge made, TokenUsage estimate, TokenUsage usage, AegisRun run, CancellationToken cancellationToken)
    {
        run.Helped(policy.CostOf(usage));
        var rest = policy.RestOf(estimate, usage);
        if (made.Plan?.Sets is { } reservation)
        {
            var settled = BudgetPlanner.Settled(this, made, reservation, usage, run, Now);
            var round = new BudgetRound(this, [settled], run);
            if (await round.TakeAsync(cancellationToken) is not null)
            {
                return;   // it stays charged
            }

            rest = round.Charges[0].Spends ?? [];
            if (policy.Run is not { Whole: null, SubAgent: null })
            {
                await UpdateAsync(run.Session, static (state, spent) => (Ledger.SpendOfRun(state, spent.Run.Id, spent.Limits, spent.Plan!.Amounts, spent.Now), true), settled, cancellationToken);
            }
        }

        await UpdateAsync(run.IsAnonymous ? run.Guard.InstanceSession : run.Session, static (state, all) => Ledger.Settle(state, all.Others, all.Taken, all.Now), (Others: rest, Taken: made.Now, Now), cancellationToken);
    }

    /// <summary>What the guards say of parts of a result, each for itself, without a commit or an event, and nothing is remembered of them. Parts that a model reads are read behind what it has read before, others as they would be alone.</summary>
    public async ValueTask<Verdict[]> ReadPartsAsync(IReadOnlyList<ToolResult> parts, AegisRun run, DecisionId id, bool isShown, CancellationToken cancellationToken)
    {
        var state = await ReadAsync(services.Store, run.Session, cancellationToken);
        var context = new GuardContext(run.Session, state, state.Run(run.Id), services.Now, id, isShown && policy.JoinsTexts ? MemoryOf(run) : null);
        var verdicts = new Verdict[parts.Count];
        for (var i = 0; i < verdicts.Length; i++)
        {
            verdicts[i] = await AskGuardsAsync(parts[i], context, cancellationToken);
        }

        return verdicts;
    }

    /// <summary>A call with the arguments that it would run with, where whoever runs it takes them from here: personal data replaced, and in place of placeholders the values, where the policy says so.</summary>
    private ToolCall ToRun(ToolCall call, AegisRun run)
    {
        if (policy is { PersonalArguments: null, HasPlaceholders: false } or { IsMonitor: true } || !call.Editable || call.IsHosted)
        {
            return call;
        }

        call = call with { Shown = null, Replaced = [] };
        call = policy.PersonalArguments?.Replace(call) ?? call;
        return PlaceholdersOf(run) is { } placeholders && policy.Tools.For(call).Restores is { } granted ? RestoredArguments.In(call, placeholders, granted) : call;
    }

    /// <summary>Arguments as a model may read them.</summary>
    public ToolArguments ToShow(ToolArguments arguments, AegisRun run) =>
        PlaceholdersOf(run) is { } placeholders ? RestoredArguments.Undone(arguments, placeholders) : arguments;

    /// <summary>What a user of the run typed and models do not read; null: nothing.</summary>
    private SessionPlaceholders? PlaceholdersOf(AegisRun run) => tape is null ? PlaceholdersNow(run) : Known(run);

    private SessionPlaceholders? PlaceholdersNow(AegisRun run) =>
        policy.HasPlaceholders && !policy.IsMonitor && RootOf(run) is var root && root.Guard.Services.Placeholders.TryGet(root.Session, out var placeholders) && !placeholders.IsEmpty ? placeholders : null;

    /// <summary>A subject with the tasks around it, which are read once.</summary>
    private static T Placed<T>(T subject)
        where T : Subject => AegisAmbient.Current.Tasks is not { } tasks ? subject : subject switch
        {
            ModelStep step => (T)(Subject)(step with { Tools = step.Tools.For(tasks) }),
            ToolCall call => (T)(Subject)(call with { Tasks = tasks }),
            _ => subject,
        };

    /// <summary>What was approved, or why nobody knows. Tools that are seen for the first time are approved with it.</summary>
    private async ValueTask<PinReading> ReadPinsAsync(Toolset? tools, CancellationToken cancellationToken)
    {
        if (policy.Source.ToolIntegrity is not { } integrity)
        {
            return default;
        }

        if (tape is not null)
        {
            return await ReadPinsTapedAsync(tape, tools ?? Toolset.Empty, integrity.Mode, cancellationToken);
        }

        return await ReadPinsAsync(tools, integrity.Mode, cancellationToken);
    }

    private async ValueTask<PinReading> ReadPinsAsync(Toolset? tools, ToolIntegrityMode mode, CancellationToken cancellationToken)
    {
        try
        {
            return new(await Limit(services.Pins.ReadAsync((tools ?? Toolset.Empty).Under(policy.Tools), mode, cancellationToken), services.StoreTimeout, cancellationToken), null);
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new(null, Finding.Failed(ToolIntegrityGuard.Unreadable, e is ToolPinException ? e.Message : e.GetType().Name));
        }
    }

    private Finding? AgainstTool(ToolCall call, PinReading pins) =>
        pins.Broken is { } broken ? broken
        : pins.Tools is not { } known || call.IsHosted ? null
        : call.Tools?.Find(call.Tool) is { } entry ? call.Running is { } running ? known.Against(services.Pins.PinOf(running), entry) : known.Against(call.Tool)
        : known.Mode == ToolIntegrityMode.Pinned ? Finding.Block(ToolIntegrityGuard.Unpinned, "nobody says what the tool is: ToolCall.Tools")
        : null;

    /// <summary>Says of every tool once that it is refused, as what it is: a description that was blocked.</summary>
    private void Report(ModelStep step, PinReading pins, DateTimeOffset now, AegisRun run)
    {
        foreach (var (tool, finding) in services.Pins.Hear(step.Tools.Under(policy.Tools), pins.Tools, pins.Broken))
        {
            services.Events.Publish(new(DecisionId.Next(), new ToolDefinition(tool, ""), run.Session, Verdict.Of(finding), policy.IsMonitor ? Decision.Flag : Decision.Block)
            {
                Time = now,
                Run = run.Id.Value,
                Version = policy.Version,
            });
        }
    }

    /// <summary>What the limits that anonymous runs share would say; in enforce mode the commit says it.</summary>
    private async ValueTask<Finding?> PreviewInstanceAsync(Charge charge, AegisRun run, CancellationToken cancellationToken) =>
        Ledger.Preview(await ReadAsync(services.Store, run.Guard.InstanceSession, cancellationToken), new() { Now = charge.Now, Run = charge.Run, Limits = charge.Limits, Spends = charge.Spends });

    /// <summary>What the budgets on other accounts would say.</summary>
    private async ValueTask<Finding?> PreviewOthersAsync(BudgetPlan plan, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var other in plan.Others)
        {
            if (Ledger.SpendElsewhere(await ReadAsync(other.Store, other.Account, cancellationToken), [other with { NeverRefuse = false }], now).Refused is (_, var refusal))
            {
                return refusal;
            }
        }

        return null;
    }

    private async ValueTask<Verdict> AskAsync(GuardStep step, ValueTask<Verdict>? asked, Subject subject, GuardContext context, CancellationToken cancellationToken)
    {
        using var inspecting = step.IsForeign ? AegisAmbient.Inspecting() : (AegisAmbient.Restore?)null;
        try
        {
            var verdict = await Limit(asked ?? step.InspectAsync(subject, context, cancellationToken), services.GuardTimeout, cancellationToken);
            verdict = step.IsCustom ? verdict?.Custom() : verdict;
            return verdict is null ? Verdict.Of(Finding.Failed($"{step.Name}/failed"))
                : verdict.Decision == Decision.Ask && subject is not ToolCall ? verdict.And(Finding.Block("approval/only-calls"))
                : subject is not TextSubject && verdict.Findings.Any(static finding => finding.Decision == Decision.Redact) ? verdict.And(Finding.Block("redaction/only-texts"))
                : verdict;
        }
        catch (TimeoutException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Verdict.Of(Finding.Failed($"{step.Name}/timeout"));
        }
        catch (Exception e)   // a guard that throws has not said "allow"
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Verdict.Of(Finding.Failed($"{step.Name}/failed", ReplayedException.NameOf(e)));
        }
    }

    /// <summary>Settles the calls that wait for a yes: given before, or asked for now and once for all. Where one call is blocked nothing of the step can run, and nobody is asked.</summary>
    private async ValueTask AskPeopleAsync(Judgement[] judged, AegisRun run, CancellationToken cancellationToken)
    {
        var waiting = new List<int>(judged.Length);
        var blocked = false;
        for (var i = 0; i < judged.Length; i++)
        {
            if (judged[i] is { Waits: true, Subject: ToolCall call })
            {
                judged[i] = call.Approved ? judged[i].Granted(Now)
                    : !MayAsk ? judged[i].And(Finding.Block("approval/no-approver", "register an IApprover with UseApprover, or call UseApprovalContent"))
                    : judged[i];
            }

            blocked |= judged[i].Decision == Decision.Block;
            if (judged[i].Waits)
            {
                waiting.Add(i);
            }
        }

        if (blocked || waiting.Count == 0 || !HasApprover)
        {
            return;
        }

        var (answers, failed) = await AskApproverAsync(run, waiting.ConvertAll(i => ((ToolCall)judged[i].Subject, judged[i].Verdict, judged[i].Id)), cancellationToken);
        for (var i = 0; i < waiting.Count; i++)
        {
            judged[waiting[i]] = failed is null ? await AnsweredAsync(judged[waiting[i]], answers[i], run, cancellationToken) : judged[waiting[i]].And(failed);
        }
    }

    /// <summary>A call as a person has answered it. Other arguments are judged from the start: the person's word counts for exactly these, where the policy would ask.</summary>
    private async ValueTask<Judgement> AnsweredAsync(Judgement asked, ApprovalAnswer answer, AegisRun run, CancellationToken cancellationToken)
    {
        var call = (ToolCall)asked.Subject;
        if (!answer.Approves)
        {
            return asked.And(answer.IsGiven ? Finding.Block("approval/denied") : Finding.Block("approval/unanswered", "another call of the step may not run"));
        }

        if (answer.Arguments is not { } arguments)
        {
            return asked.Granted(Now);
        }

        if (!call.Editable)
        {
            return asked.And(Finding.Block("approval/not-editable", "whoever runs the call does not take other arguments"));
        }

        var shown = ToShow(arguments, run);
        shown = ToRun(call with { Arguments = shown }, run).Arguments.Is(arguments) ? shown : arguments;   // the person's words, and no value in the transcript that can come back
        var edited = await JudgeAsync(call with { Arguments = shown, Approved = true }, run, asked.Id, cancellationToken) with { Began = asked.Began };
        return (edited.Waits ? edited.Granted(Now) : edited).And(new("approval/edited", Decision.Flag));
    }

    private ValueTask<Finding?> CommitAsync(Charge charge, AegisRun run, CancellationToken cancellationToken) =>
        charge.Plan is null ? CommitOwnAsync(charge, run, cancellationToken) : CommitPlannedAsync(charge, run, cancellationToken);

    /// <summary>First on all other accounts, then in the session, which alone says when it counts; what one refuses is charged on none.</summary>
    private async ValueTask<Finding?> CommitPlannedAsync(Charge charge, AegisRun run, CancellationToken cancellationToken)
    {
        var round = new BudgetRound(this, [charge], run);
        if (await round.TakeAsync(cancellationToken) is (_, var refused))
        {
            return refused;
        }

        var (isDone, isKnown) = (false, false);
        try
        {
            var refusal = await CommitOwnAsync(round.Charges[0], run, cancellationToken);
            isDone = charge.NeverRefuse || refusal is not { Decision: Decision.Block };
            isKnown = refusal?.Rule is not Unavailable;
            return refusal;
        }
        finally
        {
            await (isDone ? default : round.GiveBackAsync(isKnown));
        }
    }

    private async ValueTask<Finding?> CommitOwnAsync(Charge charge, AegisRun run, CancellationToken cancellationToken)
    {
        if (charge.Limits is null)
        {
            return null;   // monitor mode: what was stopped before it had a price has none
        }

        try
        {
            if (!(charge.IsIdle && run.IsOpen) && !charge.NeverRefuse && await LockedAsync(SessionState.Empty, run.Session, charge.Now, cancellationToken) is { } locked)
            {
                return locked;   // the user's account; the session's own lock is looked at with the change
            }

            if (run.ForeignParent is { } parent && !charge.IsIdle && await parent.Guard.Pipeline.ChargeParentAsync(charge, parent, cancellationToken) is { } refused)
            {
                return refused;
            }

            var shared = run.IsAnonymous ? charge.Spends : null;
            if (shared is { Length: > 0 })
            {
                if (await UpdateAsync(run.Guard.InstanceSession, static (state, charge) => Ledger.SpendOnly(state, charge), charge, cancellationToken) is { } spent)
                {
                    return spent;
                }

                charge = charge with { Spends = null };
            }

            if (charge.IsIdle && run.IsOpen)
            {
                return null;
            }

            var refusal = await UpdateAsync(run.Session, static (state, charge) => Ledger.Apply(state, charge), charge, cancellationToken);
            var isDone = charge.NeverRefuse || refusal is not { Decision: Decision.Block };
            run.IsOpen |= !charge.IsTry && isDone;
            await (isDone || shared is null ? default : GiveBackAsync(shared, charge.Now, run));
            return refusal;
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Finding.Failed(Unavailable, ReplayedException.NameOf(e));
        }
    }

    /// <summary>The windows that anonymous runs share were charged before the run said no.</summary>
    private async ValueTask GiveBackAsync(Spend[] shared, DateTimeOffset taken, AegisRun run) =>
        await UpdateAsync(run.Guard.InstanceSession, static (state, made) => Ledger.Settle(state, Array.ConvertAll(made.Shared, spend => spend.Undone(made.Taken)), made.Taken, made.Now), (Shared: shared, Taken: taken, Now), CancellationToken.None);

    private ValueTask<(int Index, Finding Finding)?> CommitAllAsync(Charge[] charges, AegisRun run, CancellationToken cancellationToken) =>
        Array.TrueForAll(charges, static charge => charge.Plan is null) ? CommitAllOwnAsync(charges, run, cancellationToken) : CommitAllPlannedAsync(charges, run, cancellationToken);

    private async ValueTask<(int Index, Finding Finding)?> CommitAllPlannedAsync(Charge[] charges, AegisRun run, CancellationToken cancellationToken)
    {
        var round = new BudgetRound(this, charges, run);
        if (await round.TakeAsync(cancellationToken) is { } refused)
        {
            return refused;
        }

        var (isDone, isKnown) = (false, false);
        try
        {
            var refusal = await CommitAllOwnAsync(round.Charges, run, cancellationToken);
            isDone = refusal is null || policy.IsMonitor;
            isKnown = refusal?.Finding.Rule is not Unavailable;
            return refusal;
        }
        finally
        {
            await (isDone ? default : round.GiveBackAsync(isKnown));
        }
    }

    private async ValueTask<(int Index, Finding Finding)?> CommitAllOwnAsync(Charge[] charges, AegisRun run, CancellationToken cancellationToken)
    {
        var shared = run.IsAnonymous ? charges : [];
        try
        {
            if (!policy.IsMonitor && await LockedAsync(SessionState.Empty, run.Session, charges[0].Now, cancellationToken) is { } locked)
            {
                return (0, locked);
            }

            for (var i = 0; run.ForeignParent is { } parent && i < charges.Length; i++)
            {
                if (await parent.Guard.Pipeline.ChargeParentAsync(charges[i], parent, cancellationToken) is { } refused)
                {
                    return (i, refused);
                }
            }

            if (run.IsAnonymous)
            {
                if (await UpdateAsync(run.Guard.InstanceSession, static (state, all) => Ledger.SpendOnly(state, all), charges, cancellationToken) is { } spent)
                {
                    return spent;
                }

                charges = Array.ConvertAll(charges, static charge => charge with { Spends = null });
            }

            var refusal = await UpdateAsync(run.Session, static (state, all) => Ledger.Apply(state, all), charges, cancellationToken);
            foreach (var charge in refusal is null ? [] : shared)
            {
                await (charge.Spends is null ? default : GiveBackAsync(charge.Spends, charge.Now, run));
            }

            return refusal;
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return (0, Finding.Failed(Unavailable, ReplayedException.NameOf(e)));
        }
    }

    /// <summary>What a sub-agent of another guard or session spends of this run: steps and risk. Windows are its own.</summary>
    private async ValueTask<Finding?> ChargeParentAsync(Charge charge, AegisRun run, CancellationToken cancellationToken)
    {
        var shared = new Charge { Now = charge.Now, Run = run.Ticket, Limits = policy.Run, Step = charge.Step, Advances = charge.Advances, Asks = charge.Asks, Risk = charge.Risk, NeverRefuse = policy.IsMonitor };
        return run.ForeignParent is { } parent && await parent.Guard.Pipeline.ChargeParentAsync(charge, parent, cancellationToken) is { } refused
            ? refused
            : !policy.IsMonitor && await LockedAsync(SessionState.Empty, run.Session, charge.Now, cancellationToken) is { } locked ? locked
            : await UpdateAsync(run.Session, static (state, charge) => Ledger.Apply(state, charge), shared, cancellationToken);
    }

    /// <summary>Changes a session within the store's time; a store that did not run the change has failed.</summary>
    public ValueTask<TResult> UpdateAsync<TArgument, TResult>(SessionId session, Func<SessionState, TArgument, (SessionState, TResult)> change, TArgument argument, CancellationToken cancellationToken) =>
        UpdateAsync(services.Store, session, change, argument, cancellationToken);

    /// <summary>The same in another store. While it is away it may go on here, as the policy says.</summary>
    public ValueTask<TResult> UpdateAsync<TArgument, TResult>(ISessionStore store, SessionId session, Func<SessionState, TArgument, (SessionState, TResult)> change, TArgument argument, CancellationToken cancellationToken) =>
        tape is not null ? UpdateTapedAsync(tape, store, session, change, argument, cancellationToken) : UpdateNowAsync(store, session, change, argument, cancellationToken);

    private ValueTask<TResult> UpdateNowAsync<TArgument, TResult>(ISessionStore store, SessionId session, Func<SessionState, TArgument, (SessionState, TResult)> change, TArgument argument, CancellationToken cancellationToken) =>
        services.LocalOf(store) is var local && local.IsEmpty && policy.LocalShare is null ? ChangeAsync(store, session, change, argument, cancellationToken) : local.UpdateAsync(this, store, session, change, argument, cancellationToken);

    /// <summary>The same in the store alone.</summary>
    public async ValueTask<TResult> ChangeAsync<TArgument, TResult>(ISessionStore store, SessionId session, Func<SessionState, TArgument, (SessionState, TResult)> change, TArgument argument, CancellationToken cancellationToken)
    {
        var (done, result) = await Limit(store.UpdateAsync(session, Marked, (change, argument), cancellationToken), services.StoreTimeout, cancellationToken);
        return done ? result : throw new InvalidOperationException("The store has not run the change.");

        static (SessionState, (bool Done, TResult Result)) Marked(SessionState state, (Func<SessionState, TArgument, (SessionState, TResult)> Change, TArgument Argument) update)
        {
            var (changed, result) = update.Change(state, update.Argument);
            return (changed, (true, result));
        }
    }

    /// <summary>A session as the store has it, or had it last.</summary>
    /// <exception cref="InvalidOperationException">The store has none.</exception>
    public async ValueTask<SessionState> ReadLastAsync(ISessionStore store, SessionId session, CancellationToken cancellationToken)
    {
        if (store is not IRememberingStore remembering)
        {
            return await Limit(store.ReadAsync(session, cancellationToken), services.StoreTimeout, cancellationToken) ?? throw new InvalidOperationException("The store has no state.");
        }

        var (state, isOld) = await Limit(remembering.ReadKnownAsync(session, cancellationToken), services.StoreTimeout, cancellationToken);
        if (isOld)
        {
            services.Failures.Count(Unavailable, isOpen: true);
        }

        return state;
    }

    /// <summary>The same, with what this process has done in it while the store was away.</summary>
    private ValueTask<SessionState> ReadAsync(ISessionStore store, SessionId session, CancellationToken cancellationToken) =>
        tape is not null ? ReadTapedAsync(tape, store, session, cancellationToken) : ReadNowAsync(store, session, cancellationToken);

    private ValueTask<SessionState> ReadNowAsync(ISessionStore store, SessionId session, CancellationToken cancellationToken) =>
        services.LocalOf(store) is { IsEmpty: false } local ? ReadBothAsync(store, session, local.OwedBy(session), cancellationToken) : ReadLastAsync(store, session, cancellationToken);

    // What is owed is asked for before the store, so that nothing is missed that is booked meanwhile.
    private async ValueTask<SessionState> ReadBothAsync(ISessionStore store, SessionId session, OwedState owed, CancellationToken cancellationToken) =>
        await ReadLastAsync(store, session, cancellationToken) is var state && owed.IsNothing ? state : owed.Book(state, services.Now);

    private Inspection Finish(Judgement judged, Finding? refusal, AegisRun run)
    {
        var verdict = refusal is null ? judged.Verdict : judged.Verdict.And(refusal);
        var decision = refusal?.Decision > judged.Decision ? refusal.Decision : judged.Decision;
        if (policy.IsMonitor)
        {
            return new(WithReserved(judged.Subject, judged), verdict, decision > Decision.Flag ? Decision.Flag : decision, judged.Id) { Version = policy.Version };
        }

        var subject = (decision < Decision.Ask ? WithReserved(judged.Subject, judged) : judged.Subject) switch
        {
            ToolResult result when judged.Extracted is { } data => result with { Text = data, Data = null },
            TextSubject text when decision == Decision.Redact => Redacted(text, verdict, run),
            ModelStep step => step with { Tools = step.Closing ? Toolset.Empty : ShownOf(step, judged) },
            var other => other,
        };
        return new(subject, verdict, decision, judged.Id) { Version = policy.Version };
    }

    private Toolset ShownOf(ModelStep step, Judgement judged) =>
        tape is { IsHashed: true } ? ShownTaped(tape, step, judged) : policy.Visible(step.Tools, judged.Step).Without(judged.Pins.Refuses);

    /// <summary>Pins are of descriptions, which are not kept: what they refuse is heard.</summary>
    private Toolset ShownTaped(Tape tape, ModelStep step, Judgement judged)
    {
        var refused = tape.Derive(TapeChannels.PinsRefuse, TapeCodecs.Names, () => [.. step.Tools.Tools.Select(static tool => tool.Name).Where(judged.Pins.Refuses)]);
        return policy.Visible(step.Tools, judged.Step).Without(refused.Contains);
    }

    /// <summary>With what was set aside for it, so that whoever settles it finds it.</summary>
    private static Subject WithReserved(Subject subject, Judgement judged) => (subject, judged.Charge.Plan?.Sets) switch
    {
        (ModelStep step, { } reserved) => step with { Reserved = reserved },
        (ModelOutput output, { } reserved) => output with { Reserved = reserved },
        _ => subject,
    };

    private TextSubject Redacted(TextSubject text, Verdict verdict, AegisRun run) =>
        !policy.HasPlaceholders ? Redaction.Apply(text, verdict)
        : tape is { IsHashed: false } ? RedactedTaped(tape, text, verdict, PlacesOf(run))
        : Redaction.Apply(text, verdict, PlacesOf(run).For);

    private static SessionPlaceholders PlacesOf(AegisRun run)
    {
        var root = RootOf(run);
        return root.Guard.Services.Placeholders.Of(root.Session);
    }

    /// <summary>Placeholders are made at random: which ones is heard.</summary>
    private static TextSubject RedactedTaped(Tape tape, TextSubject text, Verdict verdict, SessionPlaceholders places) =>
        Redaction.Apply(text, verdict, (type, value) => tape.Ask(TapeChannels.Placed, TapeCodecs.Text, () => places.For(type, value)));

    /// <summary>What entered is remembered, and told to other instances, before it goes on; then it is an event.</summary>
    private async ValueTask<Inspection> CloseAsync(Inspection inspection, Judgement judged, AegisRun run, CancellationToken cancellationToken)
    {
        inspection = Remembered(inspection, judged.Subject, run);
        Finding? unrecorded;
        var isTold = false;
        try
        {
            inspection = await TellAsync(run, cancellationToken) is { } untold ? Stopped(inspection, untold) : inspection;
            isTold = true;
            if (!services.Audit.IsOn)
            {
                return Publish(inspection, judged, run);
            }

            unrecorded = await services.Audit.RecordAsync(EventOf(inspection, judged, run), tape?.ContentOf(inspection), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            PublishLeft(inspection, judged, run, isTold);
            throw;
        }

        return Publish(unrecorded is null ? inspection : Stopped(inspection, unrecorded), judged, run, isAudited: unrecorded is null);
    }

    /// <summary>Whoever asked has gone, and what was found is heard of all the same.</summary>
    private void PublishLeft(Inspection inspection, Judgement judged, AegisRun run, bool isTold, int index = 0)
    {
        if (!isTold)
        {
            tape?.Refuse("whoever asked had gone before it was over");
        }

        services.Audit.Write(EventOf(inspection, judged, run), tape?.ContentOf(inspection, index));
        Publish(inspection, judged, run, isAudited: true);
    }

    /// <summary>Records the calls of a step; why none of them may run; null: nothing stands in the way.</summary>
    private async ValueTask<Finding?> RecordAllAsync(Inspection[] inspections, Judgement[] judged, AegisRun run, CancellationToken cancellationToken)
    {
        var recorded = new Task<Finding?>[judged.Length];
        for (var i = 0; i < judged.Length; i++)
        {
            recorded[i] = services.Audit.RecordAsync(EventOf(inspections[i], judged[i], run), tape?.ContentOf(inspections[i], i), cancellationToken).AsTask();   // they share one write
        }

        return Array.Find(await Task.WhenAll(recorded), static finding => finding is not null);
    }

    /// <summary>Why other instances do not know what entered; null: they do, or there are none.</summary>
    private ValueTask<Finding?> TellAsync(AegisRun run, CancellationToken cancellationToken) =>
        tape is null ? TellNowAsync(run, cancellationToken) : TellTapedAsync(tape, run, cancellationToken);

    // Apart, as all that has a closure: it would be paid for by every inspection.
    private ValueTask<Finding?> TellTapedAsync(Tape tape, AegisRun run, CancellationToken cancellationToken) => tape.AskAsync(TapeChannels.Told, VerdictCodec.Finding, () => TellNowAsync(run, cancellationToken));

    private ValueTask<Finding?> TellNowAsync(AegisRun run, CancellationToken cancellationToken) =>
        policy.TracksFlow && SharedOf(run) is { Memory.HasNews: true } shared ? new(shared.TellAsync(cancellationToken)) : default;

    private Inspection Publish(Inspection inspection, Judgement judged, AegisRun run, bool isAudited = false)
    {
        if (policy.Judge is not null && run.Parent is null && inspection is { MayProceed: true, Subject: UserInput asked } && (asked.IsTyped || (asked is { Role: InputRole.User, IsRendered: true, Text.Length: > 0 } && !MemoryOf(run).Carries(asked.Text))))
        {
            services.Judge?.Requests.Add(run.Session, policy.TracksFlow ? MemoryOf(run).OwnOf(asked.Text) : asked.Text);
        }

        if (judged is { Subject: ModelStep step, Pins.IsKnown: true })
        {
            Report(step, judged.Pins, judged.Now, run);
        }

        var cost = run.TakeHelped() + (judged.Subject is ModelOutput { Usage: var usage } && (inspection.MayProceed || policy.IsMonitor) ? policy.CostOf(usage) : 0);   // what a stopped answer has cost is inspected once more, alone
        services.Events.Publish(EventOf(inspection, judged, run, isAudited, cost));
        return inspection;
    }

    private AegisEvent EventOf(Inspection inspection, Judgement judged, AegisRun run, bool isAudited = false, long cost = 0) => new(inspection.Id, judged.Subject, run.Session, inspection.Verdict, inspection.Decision)
    {
        Time = judged.Now,
        Duration = services.Time.GetElapsedTime(judged.Began),
        Run = run.Id.Value,
        Steps = judged.Step - 1,
        VisibleTools = (inspection.Subject as ModelStep)?.Tools.Tools.Count,
        Version = policy.Version,
        IsAudited = isAudited,
        IsStrike = Strike.Is(judged.Subject, inspection.Verdict, run),
        CostMicros = cost,
    };

    /// <summary>The run of the outermost agent, who alone hears the user.</summary>
    public static AegisRun RootOf(AegisRun run)
    {
        while (run.Parent is { } parent)
        {
            run = parent;
        }

        return run;
    }

    /// <summary>What the run's turn has taken in.</summary>
    public static FlowMemory MemoryOf(AegisRun run)
    {
        var root = RootOf(run);
        return SharedOf(root)?.Memory ?? root.Guard.Services.Flow.Of(root.Session);
    }

    /// <summary>The same, where other instances know of it.</summary>
    private static SharedMemory? SharedOf(AegisRun run) => RootOf(run) is var root ? root.Guard.Services.Shared?.Of(root.Session) : null;

    /// <summary>The memory that must know first what entered elsewhere: to judge a call, to say whose words a text is, and of a result of what call it is unless that was made here.</summary>
    private SharedMemory? SharedFor(Subject subject, AegisRun run) =>
        policy.TracksFlow && subject is ToolCall or UserInput or ToolResult && SharedOf(run) is { } shared && !(subject is ToolResult result && shared.IsOpen && shared.Memory.Knows(result)) ? shared : null;

    /// <summary>What cannot be remembered does not go on.</summary>
    private Inspection Remembered(Inspection inspection, Subject subject, AegisRun run)
    {
        if (tape is { IsPlaying: true })
        {
            return inspection;
        }

        try
        {
            if (policy.TracksFlow)
            {
                Remember(subject, inspection, run);
            }

            if (policy.JoinsTexts && inspection.MayProceed && inspection.Subject is TextSubject { Text.Length: > 0 } and (ToolResult or UserInput { IsJoined: false }))
            {
                MemoryOf(run).AddTail(((TextSubject)inspection.Subject).Text, inspection.Subject is UserInput { Role: InputRole.User });
            }

            return inspection;
        }
        catch (Exception e)
        {
            return Stopped(inspection, Finding.Failed("flow/failed", ReplayedException.NameOf(e)));
        }
    }

    private Inspection Stopped(Inspection inspection, Finding finding) =>
        finding.Decision == Decision.Flag ? new(inspection.Subject, inspection.Verdict.And(finding), inspection.Decision > Decision.Flag ? inspection.Decision : Decision.Flag, inspection.Id) { Version = policy.Version }
        : new(inspection.Subject, inspection.Verdict.And(finding), policy.IsMonitor ? Decision.Flag : Decision.Block, inspection.Id) { Version = policy.Version };

    /// <summary>What enters is remembered; what a user or a client sends only if it goes on.</summary>
    private void Remember(Subject subject, Inspection inspection, AegisRun run)
    {
        switch (subject)
        {
            case ToolCall call when inspection.MayProceed:
                MemoryOf(run).AddCall(call.Arguments.CallHash(call.Tool), call.Tool, policy.Tools.EffectOf(call), call.Arguments);
                MemoryOf(run).Add(policy.Tools.LabelsOf(call));
                break;
            case ToolResult result when result.Text.Length > 0 || result.MediaRisk is not null:
                MemoryOf(run).Add(policy.Tools.LabelsOf(result));
                MemoryOf(run).AddResult(result, policy.Tools.For(result.Tool).Origin);   // what was withheld too: a model may know of it another way
                if (inspection is { MayProceed: true, Subject: ToolResult shown } && !ReferenceEquals(shown, result) && ExtractionRound.GaveData(inspection.Verdict))
                {
                    MemoryOf(run).AddResult(shown, policy.Tools.For(result.Tool).Origin with { IsExternal = true });   // a number that is written in another way there; none of its fields vouches for anything
                }

                break;
            case UserInput { Role: InputRole.User, IsJoined: false, IsAttached: false, Text.Length: > 0 } input when inspection.MayProceed && run.Parent is null && !(input.IsRendered && MemoryOf(run).Carries(input.Text)):
                var typed = ((UserInput)inspection.Subject).Text;
                MemoryOf(run).AddUser(PlaceholdersOf(run)?.Restored(typed) ?? typed);   // values that come back are the user's own
                break;
            case UserInput { IsJoined: false } other when other.Text.Length > 0 || other.MediaRisk is not null:
                MemoryOf(run).Add(other.Role == InputRole.Other ? SessionLabels.Untrusted : SessionLabels.None);
                MemoryOf(run).AddText(other.Text);
                break;
        }
    }

    /// <summary>What the host itself says, which no guard judges.</summary>
    public void RememberHost(string text, AegisRun run)
    {
        if (policy.TracksFlow && run.Parent is null && text.Length > 0)
        {
            MemoryOf(run).AddSystem(text);
        }

        if (policy.ProtectsInstructions && text.Length > 0)
        {
            run.Answers.Protect(services.Instructions.Of(text));
        }
    }

    private ValueTask<T> Limit<T>(ValueTask<T> task, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (task.IsCompletedSuccessfully)
        {
            return task;
        }

        var slow = task.AsTask();
        Abandoned.Observe(slow);
        return new(slow.WaitAsync(limit, services.Time, cancellationToken));
    }

    /// <summary>This pipeline for one inspection, or one step, which is kept for a replay.</summary>
    private GuardPipeline Taped(TapeKind kind, IReadOnlyList<Subject> subjects, AegisRun run, Finding? finding = null) =>
        new(policy, services, new TapeRecorder(policy.Audit!.Content!, policy.Audit.Policy.Content == AuditContentMode.Hashed, services.Rules.Value, policy.Audit.Deciding, policy.Version.Hash, kind, [.. subjects.Select(Placed)], run, finding)) { Untaped = this };

    private DateTimeOffset At(long timestamp) => tape is null ? services.At(timestamp) : At(tape, timestamp);

    private DateTimeOffset At(Tape tape, long timestamp) => tape.Ask(TapeChannels.Clock, TapeCodecs.Time, () => services.At(timestamp));

    private double UnreadOf(AegisRun root) => tape is null ? root.Unread : UnreadOf(tape, root);

    private static double UnreadOf(Tape tape, AegisRun root) => tape.Ask(TapeChannels.Unread, TapeCodecs.Double, () => root.Unread);

    private bool Wants(JudgeRules rules, Subject subject, Verdict verdict, double unread) =>
        tape is not { IsHashed: true } ? rules.Wants(subject, verdict, unread) : Derived(rules, subject, verdict, unread);

    private bool Derived(JudgeRules rules, Subject subject, Verdict verdict, double unread) => tape!.Derive(TapeChannels.WantsJudge, TapeCodecs.Flag, () => rules.Wants(subject, verdict, unread));

    private bool HasApprover => tape is null ? services.Approver is not null : tape.Ask(TapeChannels.HasApprover, TapeCodecs.Flag, () => services.Approver is not null);

    /// <summary>Whether there is anybody whom a call can wait for.</summary>
    private bool MayAsk => tape is null ? services is not { Approver: null, UsesApprovalContent: false } : tape.Ask(TapeChannels.HasApprover, TapeCodecs.Flag, () => services is not { Approver: null, UsesApprovalContent: false });

    private Finding? Heard(string channel, Finding? finding) => tape!.Ask(channel, VerdictCodec.Finding, () => finding);

    private FlowMemory? Known(FlowMemory memory, Subject subject) => tape!.Know(TapeChannels.Memory, subject is ToolCall ? TapeCodecs.Memory : TapeCodecs.Tails, () => memory);

    private SessionPlaceholders? Known(AegisRun run) => tape!.Know(TapeChannels.Placeholders, TapeCodecs.Placeholders, () => PlaceholdersNow(run));

    private Finding? Derived(ToolCall call, PinReading pins) => tape!.Derive(TapeChannels.Integrity, VerdictCodec.Finding, () => AgainstTool(call, pins));

    private Charge Derived(Charge charge) => tape!.Derive(TapeChannels.Charge, WorkCodec.Derived(charge), () => charge);

    /// <summary>How much a piece of work spends of budgets.</summary>
    public Amounts AmountsOf(CompiledBudgets budgets, Work work) =>
        tape is not { IsHashed: true } ? budgets.AmountsOf(work, policy.Tools) : Derived(budgets, work);

    private Amounts Derived(CompiledBudgets budgets, Work work) => tape!.Derive(TapeChannels.Amounts, WorkCodec.Amounts, () => budgets.AmountsOf(work, policy.Tools));

    private ValueTask<(JsonElement? Value, Finding Finding)> ExtractAsync(ToolResult result, ExtractionSchema schema, AegisRun run, DecisionId id, CancellationToken cancellationToken) =>
        tape is null ? ExtractionRound.AskAsync(this, run, result, schema, id, cancellationToken, policy.Source.Sandbox!.Threshold)
        : tape.AskAsync(TapeChannels.Extraction, TapeCodecs.Extraction, () => Untaped.ExtractAsync(result, schema, run, id, cancellationToken));

    private async ValueTask<Finding> AskJudgeAsync(Subject subject, Verdict verdict, AegisRun run, DecisionId id, CancellationToken cancellationToken) =>
        tape is not { IsHashed: true } ? await JudgeRound.AskAsync(this, run, subject, verdict, id, cancellationToken)
        : (await tape.AskAsync<Finding?>(TapeChannels.Judged, VerdictCodec.Finding, async () => await Untaped.AskJudgeAsync(subject, verdict, run, id, cancellationToken)))!;   // its question is made of texts

    private async ValueTask<(IReadOnlyList<ApprovalAnswer> Answers, Finding? Failed)> AskApproverAsync(AegisRun run, IReadOnlyList<(ToolCall Call, Verdict Verdict, DecisionId Id)> calls, CancellationToken cancellationToken)
    {
        if (tape is null)
        {
            return await ApprovalRound.AskAsync(services, policy, run, calls, cancellationToken);
        }

        var said = await tape.AskAsync(TapeChannels.Approver, TapeCodecs.Approvals, () => ApprovalRound.AskAsync(services, policy, run, calls, cancellationToken));
        if (tape.IsHashed && said.Answers.Any(static answer => answer.Arguments is not null))
        {
            tape.Refuse("a person has changed the arguments, and they are not kept: audit.content is 'hashed'");
        }

        return said;
    }

    private async ValueTask<PinReading> ReadPinsTapedAsync(Tape tape, Toolset tools, ToolIntegrityMode mode, CancellationToken cancellationToken) =>
        !tape.IsHashed ? await tape.AskAsync(TapeChannels.Pins, TapeCodecs.Pins(tools.Under(policy.Tools), mode, services.Pins.PinOf), () => ReadPinsAsync(tools, mode, cancellationToken))
        : tape.IsPlaying ? default
        : await ReadPinsAsync(tools, mode, cancellationToken);   // descriptions are not kept: what the pins say of a call is heard

    private ValueTask<SessionState> ReadTapedAsync(Tape tape, ISessionStore store, SessionId session, CancellationToken cancellationToken)
    {
        RefuseOther(tape, store);
        return tape.AskAsync(TapeChannels.Of(session), TapeCodecs.State, () => ReadNowAsync(store, session, cancellationToken));
    }

    /// <summary>A change of a session as the tape says it was: what comes of it is found anew.</summary>
    private async ValueTask<TResult> UpdateTapedAsync<TArgument, TResult>(Tape tape, ISessionStore store, SessionId session, Func<SessionState, TArgument, (SessionState, TResult)> change, TArgument argument, CancellationToken cancellationToken)
    {
        RefuseOther(tape, store);
        var (last, result) = (SessionState.Empty, default(TResult));
        var before = await tape.AskAsync(TapeChannels.Of(session), TapeCodecs.State, async () =>
        {
            result = await UpdateNowAsync(store, session, Watched, argument, cancellationToken);
            return last;
        });
        return tape.IsPlaying ? change(before, argument).Item2 : result!;

        (SessionState, TResult) Watched(SessionState state, TArgument argument)
        {
            last = state;   // of several tries the last one counts
            return change(state, argument);
        }
    }

    private void RefuseOther(Tape tape, ISessionStore store)
    {
        if (!ReferenceEquals(store, services.Store))
        {
            tape.Refuse("it counts in the store of another guard");
        }
    }

    /// <summary>Asks the guards; those of the app, and where no texts are kept those that read texts, are heard from the tape.</summary>
    private async ValueTask<Verdict> AskTapedAsync(Tape tape, List<GuardStep> steps, Subject subject, GuardContext context, CancellationToken cancellationToken)
    {
        var (verdict, heard) = (Verdict.None, new List<HeardGuard>());
        var said = tape.IsPlaying ? new Queue<HeardGuard>(tape.Ask(TapeChannels.Guards, TapeCodecs.Guards, static () => [])) : null;
        for (var i = 0; i < steps.Count && GoesOn(verdict, subject); i++)
        {
            if (!steps[i].IsForeign && !(tape.IsHashed && steps[i].ReadsContent))
            {
                verdict = verdict.And(await AskAsync(steps[i], null, subject, context, cancellationToken));
                continue;
            }

            var one = said is null ? await HearAsync(tape, steps[i], subject, context, cancellationToken)
                : said.TryDequeue(out var before) ? before
                : throw new DivergedException("a guard is asked once more than then");
            heard.Add(one);
            verdict = verdict.And(one.Verdict);
        }

        while (said is { Count: > 0 } && GoesOn(verdict, subject))
        {
            verdict = verdict.And(await WeighAsync(tape, said.Dequeue(), subject, context, cancellationToken));   // the app's own, who are not here
        }

        if (said is null)
        {
            tape.Ask(TapeChannels.Guards, TapeCodecs.Guards, () => heard);
        }

        return verdict;
    }

    /// <summary>What a guard says now. Of a classifier its answers are kept besides, where the text is: thresholds can decide again.</summary>
    private async ValueTask<HeardGuard> HearAsync(Tape tape, GuardStep step, Subject subject, GuardContext context, CancellationToken cancellationToken)
    {
        if (tape.IsHashed || step.Classifier is not { } classifier)
        {
            return new(await AskAsync(step, null, subject, context, cancellationToken), null, []);
        }

        var heard = new HeardClassifier(classifier.Rule, classifier.Classifier);
        var verdict = await AskAsync(step.With(classifier.With(heard)), null, subject, context, cancellationToken);
        return heard.Answers is { } answers && !verdict.Findings.Any(static finding => finding.IsFailure) ? new(verdict, classifier.Rule, answers) : new(verdict, null, []);   // one that was late may have answered since
    }

    private async ValueTask<Verdict> WeighAsync(Tape tape, HeardGuard heard, Subject subject, GuardContext context, CancellationToken cancellationToken)
    {
        if (heard.Rule is null)
        {
            return heard.Verdict;
        }

        var classifier = new SaidClassifier(heard.Rule, heard.Answers);
        if (PolicyCompiler.ClassifierOf(policy.Source, classifier) is not { } guard)
        {
            return Verdict.None;   // the policy ignores it
        }

        var verdict = await AskAsync(GuardStep.Of(guard, subject), null, subject, context, cancellationToken);
        if (classifier.HasDiverged)
        {
            tape.Diverge("a classifier is asked about a text that it was not asked about then");
        }

        return verdict;
    }

    private static double RiskBelowTheLine(Verdict verdict)
    {
        var risk = 0.0;
        foreach (var finding in verdict.Findings)
        {
            risk = finding.Decision < Decision.Block && finding.Risk > risk ? finding.Risk : risk;
        }

        return risk;
    }

    private readonly record struct Judgement(Subject Subject, Verdict Verdict, Decision Decision, Charge Charge, DecisionId Id, DateTimeOffset Now, long Began, int Step)
    {
        public PinReading Pins { get; init; }

        /// <summary>The data that takes a result's place; null: none does.</summary>
        public string? Extracted { get; init; }

        public bool Passes => Decision < Decision.Ask;

        /// <summary>Whether it goes on only if a person says yes.</summary>
        public bool Waits => Decision == Decision.Ask;

        /// <summary>The same with one more finding.</summary>
        public Judgement And(Finding finding) => this with { Verdict = Verdict.And(finding), Decision = finding.Decision > Decision ? finding.Decision : Decision };

        /// <summary>The same with a person's yes. What is spent, is spent now: a lock or the end of the run may have come while it was asked.</summary>
        public Judgement Granted(DateTimeOffset now) => this with { Verdict = Verdict.And(new Finding("approval/granted", Decision.Flag)), Decision = Decision.Flag, Charge = Charge with { Now = now } };
    }
}
