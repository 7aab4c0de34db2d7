using System.Security.Cryptography;
using Aegis.Guarding;
using Aegis.Policies;
using Aegis.Tools;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>The second seam: what the model answered. Calls that somebody outside could still run are judged before they leave; when one is denied none leaves, and the model is asked again.</summary>
internal sealed class ResponseSeam(AegisGuard guard, ApprovalDesk approvals, RequestSeam requests, MaskedStep masked, bool canAsk, bool callsRunBelow)
{
    private const int QuestionDigits = 32;   // nobody guesses a question

    private GuardPipeline Pipeline => guard.Pipeline;   // a reload replaces it


    /// <summary>Judges a response as a whole. Its text has passed a stream monitor already.</summary>
    /// <param name="turn">The request.</param>
    /// <param name="answer">The response, with its calls that nothing has answered.</param>
    /// <param name="usage">What it cost, as the provider says; null when it does not say.</param>
    /// <param name="cancellationToken">Cancels the inspection.</param>
    public async ValueTask<StepResult> JudgeAsync(Turn turn, Answer answer, UsageDetails? usage, CancellationToken cancellationToken)
    {
        Remember(turn.Run, answer.ConversationId);
        if (await CountAsync(turn, answer, usage, cancellationToken) is { } refused)
        {
            return refused;
        }

        if (turn.EndedBy is { } ended)
        {
            return new(StepResultKind.LastWord, ended);
        }

        return answer.Open.Count == 0 ? new(StepResultKind.Release) : await JudgeCallsAsync(turn, answer, answer.ConversationId, cancellationToken);
    }

    /// <summary>Whether a blocked answer, of which nothing was shown, is asked for again: with the name of the rule, as a step of its own, as often as the policy says.</summary>
    public async ValueTask<bool> AsksAgainAsync(Turn turn, Answer answer, bool wasShown, CancellationToken cancellationToken)
    {
        var pipeline = Pipeline;
        if (wasShown || answer.Stopped is not { Ends: RunEnd.No } stopped || !answer.OnlyTalks || pipeline.Policy.Source.Retry is not { } retry || turn.Retries >= retry.MaxAttempts
            || (Replaces(retry) && turn.Options.ConversationId is not null)
            || await pipeline.InspectAsync(new ModelStep(turn.Offered) { Estimate = Estimates.Of(turn, turn.Options, turn.Messages) }, turn.Run, cancellationToken) is not { MayProceed: true } step)
        {
            return false;
        }

        var messages = turn.Messages;
        if (Replaces(retry) && turn.Retries == 0)
        {
            if (await requests.WithoutTextsAsync(turn, pipeline.Stricter!, cancellationToken) is not { } replaced)
            {
                return false;
            }

            messages = replaced;
        }

        turn.Keep(step);
        turn.Retries++;
        turn.Visible = ((ModelStep)step.Subject).Tools;
        turn.GiveStep();
        var notice = new ChatMessage(ChatRole.System, Notices.AskedAgain(stopped.Verdict));
        turn.Own.UnionWith(notice.Contents);
        turn.Messages = turn.Options.ConversationId is null ? [.. messages, notice] : [notice];
        return true;
    }

    private static bool Replaces(AutoRetryPolicy retry) => retry.EscalationPath is EscalationPath.Sandbox or EscalationPath.Combined;

    /// <summary>Charges what a response cost that nobody will see whole.</summary>
    public async ValueTask ChargeAsync(Turn turn, UsageDetails? usage, Answer answer, CancellationToken cancellationToken)
    {
        Remember(turn.Run, answer.ConversationId);
        var (rest, reserved) = (Rest(turn, answer, usage), ReservedFor(turn, usage));
        if (rest.Total > 0 || reserved.Count > 0)
        {
            await Pipeline.InspectAsync(new ModelOutput("") { Usage = rest, Settles = reserved, Streamed = true }, turn.Run, cancellationToken);
        }
    }

    /// <summary>Counts the response where no layer below has: its calls, and what it cost beyond what was charged there.</summary>
    private async ValueTask<StepResult?> CountAsync(Turn turn, Answer answer, UsageDetails? usage, CancellationToken cancellationToken)
    {
        var (rest, reserved) = (Rest(turn, answer, usage), ReservedFor(turn, usage));
        var records = answer.Open.ConvertAll(call => CallRecord.For(call, turn.Run));
        var calls = turn.EndedBy is null ? records.Count(static record => !record.StepCounted) : 0;
        if (answer.IsCovered && calls == 0 && rest.Total == 0 && reserved.Count == 0)
        {
            return null;
        }

        var output = new ModelOutput(answer.Whole) { Calls = calls, Usage = rest, Settles = reserved, Streamed = true };
        var inspection = await Pipeline.InspectAsync(output, turn.Run, cancellationToken);
        records.ForEach(record => record.Step ??= Task.FromResult(inspection));
        if (!inspection.MayProceed)
        {
            await Pipeline.InspectAsync(new ModelOutput("") { Calls = inspection.Ends == RunEnd.No ? calls : 0, Usage = rest, Settles = reserved, Streamed = true }, turn.Run, cancellationToken);   // whatever it says, it has cost what it has
        }

        return inspection.MayProceed ? null : inspection.Ends == RunEnd.No ? new StepResult(StepResultKind.Refuse, inspection) : new StepResult(StepResultKind.LastWord, inspection);
    }

    private async ValueTask<StepResult> JudgeCallsAsync(Turn turn, Answer answer, string? conversationId, CancellationToken cancellationToken)
    {
        var (text, calls) = (answer.Text, answer.Open);
        var pipeline = Pipeline;
        var ids = calls.CountBy(static call => call.CallId, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var open = calls.Where(call => CallRecord.Find(call)?.Allows(turn.Run, ApprovalDesk.KeyOf(call)) != true).ToList();
        var subjects = open.ConvertAll(call =>
        {
            var arguments = call.Exception is null ? ToolArguments.From(call.Arguments) : ToolArguments.Unparsable;
            return new ToolCall(call.Name, arguments) { Tools = turn.Offered, Editable = true, Approved = turn.Run.TakeGrant(ApprovalDesk.KeyOf(call.Name, arguments), pipeline.Policy.Version) };
        });
        var inspections = ids.Values.Any(static count => count > 1)
            ? await RefuseAllAsync(turn, subjects, Finding.Block("call/duplicate-id", "every call of a step has an id of its own"), cancellationToken)
            : await pipeline.InspectAllAsync(subjects = await masked.AgainstAsync(subjects, turn, answer.HasResults ? null : turn.Messages, cancellationToken), turn.Run, cancellationToken);
        for (var i = 0; i < inspections.Length && !canAsk && guard.Services.Approver is null; i++)
        {
            inspections[i] = inspections[i] is { MayProceed: false, Decision: Decision.Ask } ? await NobodyToAskAsync(turn, subjects[i], cancellationToken) : inspections[i];
        }

        for (var i = 0; i < open.Count; i++)
        {
            var judged = (ToolCall)inspections[i].Subject;
            var shown = judged.Shown ?? judged.Arguments;
            if (inspections[i].MayProceed && !ReferenceEquals(shown, subjects[i].Arguments))
            {
                Copies.Edit(open[i], shown);
                subjects[i] = subjects[i] with { Arguments = shown };
            }

            var key = ApprovalDesk.KeyOf(subjects[i].Tool, subjects[i].Arguments);
            var record = CallRecord.For(open[i], turn.Run);
            record.Judged(inspections[i], key, subjects[i].Tool, inspections[i].MayProceed ? judged.Arguments.CallHash(judged.Tool) : subjects[i].Arguments.CallHash(subjects[i].Tool));
            if (conversationId is not null)
            {
                GuardMemory.Of(guard).Calls.Set((conversationId, open[i].CallId), record);
            }
        }

        if (inspections.All(static inspection => inspection.MayProceed))
        {
            if (!callsRunBelow && !turn.RunsAbove)
            {
                calls.ForEach(Restore);
            }

            return new(StepResultKind.Release);
        }

        if (Array.Find(inspections, static inspection => inspection.Decision == Decision.Block) is { Verdict: not null } denied)
        {
            return await AnswerAsync(turn, text, calls, denied, conversationId, cancellationToken);
        }

        return await AskPeopleAsync(turn, calls, inspections, cancellationToken) is { } questions
            ? new(StepResultKind.AskPeople, null, questions)
            : await AnswerAsync(turn, text, calls, await TooManyQuestionsAsync(turn, subjects[0], cancellationToken), conversationId, cancellationToken);
    }

    /// <summary>A call that the app or an unguarded loop runs as it leaves: the values stand in it, and the request seam takes them out again.</summary>
    private static void Restore(FunctionCallContent call)
    {
        if (CallRecord.Find(call) is { Inspection: { Subject: ToolCall { Shown: not null } judged } inspection } record && record.Allows(record.Run, ApprovalDesk.KeyOf(call)))
        {
            Copies.Edit(call, judged.Arguments);
            record.Judged(inspection, ApprovalDesk.KeyOf(judged.Tool, judged.Arguments), judged.Tool, judged.Arguments.CallHash(judged.Tool));
        }
    }

    private async ValueTask<Inspection[]> RefuseAllAsync(Turn turn, List<ToolCall> calls, Finding finding, CancellationToken cancellationToken)
    {
        var inspections = new Inspection[calls.Count];
        for (var i = 0; i < inspections.Length; i++)
        {
            inspections[i] = await Pipeline.RecordAsync(calls[i], turn.Run, finding, cancellationToken);
        }

        return inspections;
    }

    private ValueTask<Inspection> NobodyToAskAsync(Turn turn, ToolCall call, CancellationToken cancellationToken) =>
        Pipeline.RecordAsync(call, turn.Run, Finding.Block("approval/no-approver", "the app's messages cannot carry a question: register an IApprover with UseApprover"), cancellationToken);

    private ValueTask<Inspection> TooManyQuestionsAsync(Turn turn, ToolCall call, CancellationToken cancellationToken) =>
        Pipeline.RecordAsync(call, turn.Run, Finding.Block("approval/too-many", "answer the open questions first"), cancellationToken);

    /// <summary>One question turns all calls of the step into questions, so that none runs ahead of the others.</summary>
    private async ValueTask<Dictionary<FunctionCallContent, ToolApprovalRequestContent>?> AskPeopleAsync(Turn turn, List<FunctionCallContent> calls, Inspection[] inspections, CancellationToken cancellationToken)
    {
        var questions = new Dictionary<FunctionCallContent, ToolApprovalRequestContent>(ReferenceEqualityComparer.Instance);
        foreach (var (call, inspection) in calls.Zip(inspections))
        {
            var question = new ToolApprovalRequestContent($"aegis-{RandomNumberGenerator.GetHexString(QuestionDigits, lowercase: true)}", call);
            if (Notices.Why(inspection.Verdict) is { Length: > 0 } why)
            {
                (question.AdditionalProperties ??= [])[Notices.WhyKey] = why;
            }

            questions[call] = question;
        }

        return await approvals.AskAsync(turn.Run, questions.Values, cancellationToken) ? questions : null;
    }

    /// <summary>Answers every call of the step, so that none dangles, and has the model asked again; or ends the run.</summary>
    private async ValueTask<StepResult> AnswerAsync(Turn turn, string text, List<FunctionCallContent> calls, Inspection denied, string? conversationId, CancellationToken cancellationToken)
    {
        if (denied.Ends != RunEnd.No)
        {
            if (denied.Ends == RunEnd.Now || await Pipeline.InspectAsync(new ModelStep(Toolset.Empty) { Closing = true, Estimate = Estimates.OfLastWord(turn, turn.Options, turn.Messages, denied) }, turn.Run, cancellationToken) is not { MayProceed: true } closing)
            {
                return new(StepResultKind.LastWord, denied);
            }

            turn.Keep(closing);
            Estimates.Shorten(turn.Options, denied);
            turn.EndedBy = denied;
            turn.Visible = Toolset.Empty;
            turn.GiveStep();
            turn.Options.Tools = turn.Options.Tools is null ? null : [];
            turn.Options.ToolMode = null;
        }
        else if (++turn.Recoveries > guard.Policy.AgentLoop.MaxRecoveries)
        {
            return new(StepResultKind.LastWord, denied);
        }
        else
        {
            var next = await Pipeline.InspectAsync(new ModelStep(turn.Offered) { Estimate = Estimates.Of(turn, turn.Options, turn.Messages) }, turn.Run, cancellationToken);
            turn.Keep(next);
            if (!next.MayProceed)
            {
                return await AnswerAsync(turn, text, calls, next.Ends == RunEnd.No ? denied : next, conversationId, cancellationToken);
            }

            turn.Visible = ((ModelStep)next.Subject).Tools;
            turn.GiveStep();
        }

        var answered = calls.DistinctBy(static call => call.CallId, StringComparer.Ordinal).ToList();
        var results = new ChatMessage(ChatRole.Tool, [.. answered.Select(static call => new FunctionResultContent(
            call.CallId,
            CallRecord.Find(call) is { IsDenied: true, Inspection: { Decision: Decision.Block } inspection } ? Notices.Denied(inspection.Verdict) : Notices.NotExecuted))]);
        turn.Own.UnionWith(results.Contents);
        if (conversationId is not null)
        {
            turn.Options.ConversationId = conversationId;
            turn.Messages = [results];
            return new(StepResultKind.Again, denied);
        }

        List<AIContent> step = text.Length > 0 ? [new TextContent(text)] : [];
        step.AddRange(answered.Select(Copies.Of));
        turn.Messages = [.. turn.Messages, new(ChatRole.Assistant, step), results];
        return new(StepResultKind.Again, denied);
    }

    /// <summary>A provider's conversation id belongs to the session that produced it. Of itself it is an identity, but no lock hangs on it.</summary>
    private void Remember(AegisRun run, string? conversationId)
    {
        if (conversationId is not null && SessionId.IsName(conversationId) && !guard.Conversations.TryGet(conversationId, out _))
        {
            guard.Conversations.Set(conversationId, run.IsAnonymous ? SessionId.Conversation(conversationId) : run.Session);
        }
    }

    /// <summary>What a response cost beyond what layers below have charged for those of its parts that they let out. Tells the layer above.</summary>
    private static TokenUsage Rest(Turn turn, Answer answer, UsageDetails? usage)
    {
        var (below, model) = (answer.ChargedBelow, answer.ModelId ?? turn.Options.ModelId);
        var (input, output, _) = Spent.Of(usage, model);
        var rest = new TokenUsage(Math.Max(0, input - below.Input), Math.Max(0, output - below.Output), model);
        if (rest.Total == 0 && !answer.IsCovered && !answer.IsReplay)
        {
            rest = Estimate(turn, answer, model);
        }

        var before = turn.Answer.Charged;   // for answers that did not leave
        turn.Answer.Charged = new(before.Input + below.Input + rest.Input, before.Output + below.Output + rest.Output);
        return rest;
    }

    /// <summary>What is settled by an answer: all that was set aside, where the provider says what a loop below has used; else only what was for this answer.</summary>
    private static IReadOnlyList<Reservation> ReservedFor(Turn turn, UsageDetails? usage) =>
        Spent.Of(usage, null).Total > 0 ? turn.TakeReserved() : [.. turn.TakeReserved().TakeLast(1).Where(static reserved => reserved.Own.Amounts.Kind != WorkKind.Answer)];

    /// <summary>What the provider does not say, or in words that nobody here knows: four characters a token.</summary>
    private static TokenUsage Estimate(Turn turn, Answer answer, string? model)
    {
        var read = (turn.Options.Instructions?.Length ?? 0L)
            + turn.Offered.Tools.Sum(static tool => (long)ToolReader.DescriptionOf(tool).Length)
            + turn.Messages.SelectMany(static message => message.Contents).Sum(LengthOf);
        var written = answer.UnreadLength + answer.Open.Where(call => turn.Released.Of(call) is null).Sum(LengthOf);
        return new(read / Estimates.CharactersPerToken, (written / Estimates.CharactersPerToken) + 1, model);
    }

    public static long LengthOf(AIContent content) => content switch
    {
        TextContent text => text.Text.Length,
        TextReasoningContent thought => thought.Text.Length,
        FunctionCallContent call => call.Name.Length + ToolArguments.From(call.Arguments).Text.Length,
        FunctionResultContent result => ContentText.Of(result.Result, AIJsonUtilities.DefaultOptions)?.Text.Length ?? 0,
        _ => Hosted.TextOf(content)?.Length ?? 0,
    };
}
