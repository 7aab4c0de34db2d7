using Aegis.Guarding;
using Aegis.Tools;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>The third seam: a function is judged on exactly the arguments that it runs with, and its result is read before anybody else does.</summary>
internal sealed class ExecutionSeam(Turn turn, RequestSeam seam)
{
    private GuardPipeline Pipeline => turn.Run.Guard.Pipeline;

    /// <summary>The result as it may go on, and why the function did not run; what did not run has a sentence for the model as its result.</summary>
    public async ValueTask<(object? Value, Inspection? Denied)> InvokeAsync(Invocation invocation, Func<ValueTask<object?>> function, CancellationToken cancellationToken)
    {
        var name = invocation.Tool.Name;
        var key = ApprovalDesk.KeyOf(name, invocation.Arguments);
        var judged = await JudgeAsync(invocation, key, cancellationToken);
        if (!judged.MayProceed)
        {
            await StopAsync(invocation.Loop, judged, cancellationToken);
            await DecayAsync(invocation.Loop, cancellationToken);
            return (Notices.Denied(judged.Verdict), judged);
        }

        invocation = Edited(invocation, judged);
        var lent = judged.Subject is ToolCall { Shown: not null } call && !call.Arguments.Is(invocation.Arguments) ? call.Arguments : null;
        var runs = lent ?? invocation.Arguments;
        key = ApprovalDesk.KeyOf(name, runs);
        object? result;
        using (AegisAmbient.EnterTool(turn.Run, turn.Tasks))
        using (JudgedCall.Enter(turn.Run.Guard, name, key, invocation.Source))
        {
            result = await RunAsync(invocation.Tool, lent is null ? function : Lending(invocation, lent, function), cancellationToken);
        }

        result = await seam.ReadResultValueAsync(turn.Run, name, runs.CallHash(name), invocation.Call?.CallId ?? "", result, cancellationToken, isNew: true, local: invocation.Tool.LocalName);
        await DecayAsync(invocation.Loop, cancellationToken);
        return (result, null);
    }

    /// <summary>With the arguments that a person or the policy gave it, if one did; values in place of placeholders are not among them.</summary>
    private static Invocation Edited(Invocation invocation, Inspection judged)
    {
        if (invocation.Edit is not { } edit || judged.Subject is not ToolCall call || (call.Shown ?? call.Arguments) is not { } shown || shown.Is(invocation.Arguments) || call.Arguments.Is(invocation.Arguments))
        {
            return invocation;
        }

        edit(shown);
        if (invocation.Call is { } made)
        {
            Copies.Edit(made, shown);   // the transcript shows the call that ran
        }

        return invocation with { Arguments = shown };
    }

    /// <summary>The function alone sees the values behind placeholders.</summary>
    private static Func<ValueTask<object?>> Lending(Invocation invocation, ToolArguments values, Func<ValueTask<object?>> function) => async () =>
    {
        invocation.Lend!(values);
        try
        {
            return await function();
        }
        finally
        {
            invocation.Lend!(invocation.Arguments);
        }
    };

    private async ValueTask<object?> RunAsync(ToolInfo tool, Func<ValueTask<object?>> function, CancellationToken cancellationToken)
    {
        try
        {
            var running = function();
            if (running.IsCompletedSuccessfully)
            {
                return await running;
            }

            var slow = running.AsTask();
            Abandoned.Observe(slow);
            return await slow.WaitAsync(cancellationToken);   // a tool that does not listen is left behind
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // The loop may show the message to the model.
            var message = await seam.ReadResultValueAsync(turn.Run, tool.Name, 0, "", e.Message, cancellationToken, local: tool.LocalName);
            if (string.Equals(message as string, e.Message, StringComparison.Ordinal))
            {
                if (turn.Marks?.Mark(e) is { } marked && !ReferenceEquals(marked, e))
                {
                    throw marked;
                }

                throw;
            }

            throw new AegisException($"The tool '{tool.Name}' failed; its message was withheld.");
        }
    }

    /// <summary>Whether a function may run whose result is read elsewhere.</summary>
    public ValueTask<Inspection> JudgeAsync(Invocation invocation, CancellationToken cancellationToken) =>
        JudgeAsync(invocation, ApprovalDesk.KeyOf(invocation.Tool.Name, invocation.Arguments), cancellationToken);

    private async ValueTask<Inspection> JudgeAsync(Invocation invocation, string key, CancellationToken cancellationToken)
    {
        var name = invocation.Tool.Name;
        var call = new ToolCall(name, invocation.Arguments) { Running = turn.Run.Guard.Described(invocation.Tool) };
        var record = invocation.Call is { } made ? CallRecord.For(made, turn.Run) : null;
        record = record is { IsExecuted: true } || (record is not null && ReferenceEquals(record.Run.Guard, turn.Run.Guard) && record.Run.Session != turn.Run.Session) ? CallRecord.Renew(invocation.Call!, turn.Run) : record;
        if (record is not null && ReferenceEquals(record.Run.Guard, turn.Run.Guard) && (invocation.Lend is not null || record.Inspection?.Subject is not ToolCall { Shown: not null }) && record.TryExecute(key))
        {
            return await Pipeline.SinceAsync(call with { Tools = turn.Offered }, record.Run, record.Inspection!.Value, cancellationToken) is { } since
                ? await Pipeline.RecordAsync(call, record.Run, since, cancellationToken)
                : record.Inspection!.Value;
        }

        turn.Offer(invocation.Tool);
        if (record is { StepCounted: false })
        {
            var step = await CountStepAsync(invocation, cancellationToken);
            if (!step.MayProceed)
            {
                record.Inspection = step;
                return step;
            }
        }

        var pipeline = Pipeline;
        call = (await MaskedAsync(call with { Tools = turn.Offered }, invocation, cancellationToken))[0];
        var inspection = await pipeline.InspectAsync(call with { Editable = invocation is { Edit: not null, Lend: not null }, Approved = turn.Run.TakeGrant(key, pipeline.Policy.Version) }, turn.Run, cancellationToken);
        if (record is not null)
        {
            var judged = (ToolCall)inspection.Subject;
            key = ApprovalDesk.KeyOf(name, judged.Shown ?? judged.Arguments);
            record.Judged(inspection, key, name, judged.Arguments.CallHash(name));
            record.TryExecute(key);
        }

        return inspection;
    }

    /// <summary>The call, with what a second look without the user's words says of it. Each call of a step takes the look for itself: one of them may have read something that the next has not.</summary>
    private ValueTask<List<ToolCall>> MaskedAsync(ToolCall call, Invocation invocation, CancellationToken cancellationToken)
    {
        List<ChatMessage> messages = invocation.Loop is { } loop ? [.. loop.Messages.TakeWhile(message => !message.Contents.Contains(invocation.Call!))] : [];
        return invocation.Call is null ? new([call]) : (turn.Masked ?? new(turn.Run.Guard, ask: null)).AgainstAsync([call], turn, messages, cancellationToken);
    }

    /// <summary>The model response that made this call is one step, whichever of its calls comes first.</summary>
    private Task<Inspection> CountStepAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        lock (turn)
        {
            var made = invocation.Call!;
            var siblings = invocation.Siblings
                ?? invocation.Loop?.Messages.LastOrDefault(message => message.Contents.Contains(made))?.Contents.OfType<FunctionCallContent>().ToList()
                ?? [made];
            var records = siblings.ConvertAll(call => CallRecord.For(call, turn.Run));
            var counting = records.Find(static record => record.Step is not null)?.Step ?? CountAsync(invocation, siblings.Count, cancellationToken);
            records.ForEach(record => record.Step ??= counting);
            return counting;
        }
    }

    /// <summary>
    /// Where no layer below is told what the response has used, the loop says so when it has ended. Until then what was set aside for it stays so, if the answer could not
    /// become longer than that; else it counts as far as it shows.
    /// </summary>
    private async Task<Inspection> CountAsync(Invocation invocation, int calls, CancellationToken cancellationToken)
    {
        var output = new ModelOutput("") { Calls = calls, Streamed = true };
        var reserved = turn.TakeReserved();
        if (reserved is not [.., { Own.Amounts: { Asks: true, IsBounded: false } } newest])
        {
            turn.Keep(reserved);
            return await Pipeline.InspectAsync(output, turn.Run, cancellationToken);
        }

        IReadOnlyList<ChatMessage> messages = invocation.Loop is { } loop ? [.. loop.Messages] : turn.Messages;
        var inspection = await Pipeline.InspectAsync(output with { Usage = Estimates.Seen(turn, invocation.Loop?.Options ?? turn.Options, messages, invocation.Call!), Settles = [newest], IsEstimated = true }, turn.Run, cancellationToken);
        turn.Keep(inspection.MayProceed ? [.. reserved.SkipLast(1)] : reserved);
        turn.Keep(inspection);
        return inspection;
    }

    /// <summary>From here on the loop has no tools; when the model may not even say a last word, it ends with this step.</summary>
    private async ValueTask StopAsync(FunctionInvocationContext? loop, Inspection judged, CancellationToken cancellationToken)
    {
        if (judged.Ends == RunEnd.No || loop is null)
        {
            return;
        }

        var first = turn.EndedBy is null;
        turn.EndedBy ??= judged;
        if (loop.Options is { } options)
        {
            options.Tools = [];
            options.ToolMode = null;
        }

        var closing = first && judged.Ends == RunEnd.Gracefully ? await Pipeline.InspectAsync(new ModelStep(Toolset.Empty) { Closing = true, Estimate = turn.IsAround ? Estimates.OfLastWord(turn, loop.Options, loop.Messages, judged) : null }, turn.Run, cancellationToken) : (Inspection?)null;
        var mayClose = closing is { MayProceed: true };
        if (mayClose)
        {
            turn.Keep(closing!.Value);
            if (loop.Options is { } shortened)
            {
                Estimates.Shorten(shortened, judged);
            }

            turn.Visible = Toolset.Empty;
            turn.GiveStep();
        }

        var isLast = loop.FunctionCallIndex == loop.FunctionCount - 1;
        if (isLast && !mayClose && (!first || judged.Ends == RunEnd.Now))
        {
            loop.Terminate = true;   // in the middle of a step it would leave calls without results
        }
    }

    /// <summary>Before the next step: what may the model still see?</summary>
    private async ValueTask DecayAsync(FunctionInvocationContext? loop, CancellationToken cancellationToken)
    {
        if (loop?.Options is not { } options || loop.FunctionCallIndex != loop.FunctionCount - 1 || turn.EndedBy is not null)
        {
            return;
        }

        var tools = new List<AITool>();
        foreach (var tool in options.Tools ?? [])
        {
            var info = ToolReader.Read(tool);
            var isKnown = ReferenceEquals(turn.Offered.Find(info.Name)?.Tool.Source, info.Source);
            if (!isKnown && !await seam.IsReadableAsync(turn.Run, tool, cancellationToken))
            {
                continue;
            }

            if (!isKnown)
            {
                turn.Renew(info);   // a tool has added it, or put it in another one's place
            }

            tools.Add(tool);
        }

        var next = await Pipeline.InspectAsync(new ModelStep(turn.Offered) { Estimate = turn.IsAround ? Estimates.Of(turn, options, loop.Messages) : null }, turn.Run, cancellationToken);
        turn.Keep(next);
        if (!next.MayProceed)
        {
            await StopAsync(loop, next, cancellationToken);
            return;
        }

        turn.GiveStep();
        var visible = turn.Visible = ((ModelStep)next.Subject).Tools;
        options.Tools = [.. tools.Where(tool => ReferenceEquals(visible.Find(ToolReader.Read(tool).Name)?.Tool.Source, ToolReader.SourceOf(tool))).Select(tool => seam.Wrap(tool, turn))];
    }
}
