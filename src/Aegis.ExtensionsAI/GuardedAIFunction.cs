using Aegis.Guarding;
using Aegis.Tools;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>The third seam: a function that is judged on exactly the arguments that it runs with, and whose result is read before anybody else does. A denial is a result that names the rule, so that the model can go on.</summary>
internal sealed class GuardedAIFunction(AIFunction inner, Turn turn, RequestSeam seam) : DelegatingAIFunction(inner)
{
    private GuardPipeline Pipeline => turn.Run.Guard.Pipeline;

    /// <summary>The function that is guarded.</summary>
    public AIFunction Inner => InnerFunction;

    public bool IsOf(Turn other) => ReferenceEquals(turn, other);

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        var current = FunctionInvokingChatClient.CurrentContext;
        var loop = current is not null && ReferenceEquals(current.Function.GetService<GuardedAIFunction>(), this) ? current : null;
        var read = loop?.CallContent.Exception is null ? ToolArguments.From(arguments) : ToolArguments.Unparsable;
        var judged = await JudgeAsync(loop, read, cancellationToken);
        if (!judged.MayProceed)
        {
            await StopAsync(loop, judged, cancellationToken);
            await DecayAsync(loop, cancellationToken);
            return Notices.Denied(judged.Verdict);
        }

        object? result;
        using (AegisAmbient.EnterTool(turn.Run))
        {
            result = await RunAsync(arguments, cancellationToken);
        }

        result = await seam.ReadResultValueAsync(turn.Run, Name, read.CallHash(Name), loop?.CallContent.CallId ?? "", result, cancellationToken);
        await DecayAsync(loop, cancellationToken);
        return result;
    }

    private async ValueTask<object?> RunAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        try
        {
            var running = base.InvokeCoreAsync(arguments, cancellationToken);
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
            var message = await seam.ReadResultValueAsync(turn.Run, Name, 0, "", e.Message, cancellationToken);
            if (string.Equals(message as string, e.Message, StringComparison.Ordinal))
            {
                throw;
            }

            throw new AegisException($"The tool '{Name}' failed; its message was withheld.");
        }
    }

    private async ValueTask<Inspection> JudgeAsync(FunctionInvocationContext? loop, ToolArguments arguments, CancellationToken cancellationToken)
    {
        var key = ApprovalDesk.KeyOf(Name, arguments);
        var record = loop is null ? null : CallRecord.For(loop.CallContent, turn.Run);
        record = record is { IsExecuted: true } ? CallRecord.Renew(loop!.CallContent, turn.Run) : record;
        if (record is not null && ReferenceEquals(record.Run.Guard, turn.Run.Guard) && record.TryExecute(key))
        {
            return record.Inspection!.Value;
        }

        turn.Offer(ToolReader.Read(InnerFunction));
        if (loop is not null && record is { StepCounted: false })
        {
            var step = await CountStepAsync(loop, cancellationToken);
            if (!step.MayProceed)
            {
                record.Inspection = step;
                return step;
            }
        }

        var call = new ToolCall(Name, arguments) { Tools = turn.Offered, Approved = turn.Run.TakeGrant(key) };
        var inspection = await Pipeline.InspectAsync(call, turn.Run, cancellationToken);
        if (record is not null)
        {
            record.Judged(inspection, key, Name, arguments.CallHash(Name));
            record.TryExecute(key);
        }

        return inspection;
    }

    /// <summary>The model response that made this call is one step, whichever of its calls comes first.</summary>
    private Task<Inspection> CountStepAsync(FunctionInvocationContext loop, CancellationToken cancellationToken)
    {
        lock (turn)
        {
            var siblings = loop.Messages.LastOrDefault(message => message.Contents.Contains(loop.CallContent))?.Contents.OfType<FunctionCallContent>().ToList() ?? [loop.CallContent];
            var records = siblings.ConvertAll(call => CallRecord.For(call, turn.Run));
            var counting = records.Find(static record => record.Step is not null)?.Step
                ?? Pipeline.InspectAsync(new ModelOutput("") { Calls = siblings.Count, Streamed = true }, turn.Run, cancellationToken).AsTask();
            records.ForEach(record => record.Step ??= counting);
            return counting;
        }
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

        var mayClose = judged.Ends == RunEnd.Gracefully
            && (seam.IsCoveredBelow || (first && (await Pipeline.InspectAsync(new ModelStep(Toolset.Empty) { Closing = true }, turn.Run, cancellationToken)).MayProceed));
        var isLast = loop.FunctionCallIndex == loop.FunctionCount - 1;
        if (isLast && !mayClose && (!first || judged.Ends == RunEnd.Now))
        {
            loop.Terminate = true;   // in the middle of a step it would leave calls without results
        }
    }

    /// <summary>Before the next step: what may the model still see?</summary>
    private async ValueTask DecayAsync(FunctionInvocationContext? loop, CancellationToken cancellationToken)
    {
        if (loop?.Options is not { } options || seam.IsCoveredBelow || loop.FunctionCallIndex != loop.FunctionCount - 1 || turn.EndedBy is not null)
        {
            return;
        }

        var tools = new List<AITool>();
        foreach (var tool in options.Tools ?? [])
        {
            var info = ToolReader.Read(tool);
            if (turn.Offered.Find(info.Name) is null && await seam.IsReadableAsync(turn.Run, tool, cancellationToken))
            {
                turn.Offer(info);   // a tool has added it
            }

            if (turn.Offered.Find(info.Name) is not null)
            {
                tools.Add(tool);
            }
        }

        var next = await Pipeline.InspectAsync(new ModelStep(turn.Offered), turn.Run, cancellationToken);
        if (!next.MayProceed)
        {
            await StopAsync(loop, next, cancellationToken);
            return;
        }

        var visible = ((ModelStep)next.Subject).Tools;
        options.Tools = [.. tools.Where(tool => visible.Find(ToolReader.Read(tool).Name) is not null)];
    }
}
