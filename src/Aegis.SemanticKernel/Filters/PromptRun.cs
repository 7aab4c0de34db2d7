using Aegis.Guarding;
using Aegis.Streaming;
using Microsoft.SemanticKernel;

namespace Aegis.SemanticKernel;

/// <summary>A prompt of the host on its way: one run around everything that happens in it, and its answer read where no guarded service reads it.</summary>
internal sealed class PromptRun(AegisGuard guard)
{
    /// <summary>Only prompts have settings for a model.</summary>
    public static bool IsPrompt(KernelFunction function) => function.ExecutionSettings is not null;

    public async Task RunAsync(FunctionInvocationContext context, Func<Task> next)
    {
        using var rendering = AegisAmbient.Render();   // whoever reads it below: a template may have put a page into it
        if (GuardedServices.Reads(guard, context.Kernel, context.Function, context.Arguments))
        {
            await next();
            if (context.IsStreaming && context.Result.GetValue<object>() is { } unread && StreamShapes.Map(unread, new RenderedStream()) is { } rendered)
            {
                context.Result = new FunctionResult(context.Function, rendered, context.Kernel.Culture);
            }

            return;
        }

        var run = KernelRuns.OfHost(guard);
        using (AegisAmbient.Enter(run))
        {
            await next();
        }

        if (context.IsStreaming)
        {
            var stream = context.Result.GetValue<object>();
            context.Result = new FunctionResult(context.Function, stream is null ? null : StreamShapes.Map(stream, new AnswerStream(guard, run)) ?? await RefuseAsync(run, context.CancellationToken), context.Kernel.Culture);
            return;
        }

        await ReadAsync(context, run);
    }

    private async Task ReadAsync(FunctionInvocationContext context, AegisRun run)
    {
        if (context.Result.GetValue<object>() is not { } answer || (IsRefusal(context.Result.Metadata) && string.Equals(context.Result.ToString(), guard.Policy.RefusalText, StringComparison.Ordinal)))
        {
            return;   // nothing, or a refusal of ours
        }

        if (AnswerText.Of(answer) is not var (text, thought))
        {
            if (!guard.Pipeline.Policy.KeepsUnread && await UnreadableAsync(run, context.CancellationToken) is { } unreadable)
            {
                context.Result = Refuse(context.Function, unreadable);
            }

            return;
        }

        var (shown, stopped) = await ReadAsync(text, run, context.CancellationToken);
        var (aloud, thoughtStopped) = await ReadAsync(thought, run, context.CancellationToken);
        if ((stopped ?? thoughtStopped) is { } why)
        {
            context.Result = Refuse(context.Function, why);
        }
        else if (!string.Equals(shown, text, StringComparison.Ordinal) || !string.Equals(aloud, thought, StringComparison.Ordinal))
        {
            context.Result = new FunctionResult(context.Function, AnswerText.With(shown, answer), context.Kernel.Culture);
        }
        else if (!guard.Pipeline.Policy.KeepsUnread && !guard.Pipeline.Policy.IsMonitor && !guard.Policy.KeepRaw)
        {
            context.Result = new FunctionResult(context.Function, AnswerText.Bare(answer), context.Kernel.Culture, context.Result.Metadata is { } metadata ? Metadata.Bare(metadata) : null);   // what hangs on it, nothing has read
        }
    }

    private static bool IsRefusal(IReadOnlyDictionary<string, object?>? metadata) => metadata?.TryGetValue(Metadata.Aegis, out var mark) == true && mark is AegisRefusal;

    private async ValueTask<(string Shown, Inspection? Stopped)> ReadAsync(string text, AegisRun run, CancellationToken cancellationToken)
    {
        var monitor = new StreamMonitor(guard.Pipeline, run);
        var shown = (await monitor.PushAsync(text, cancellationToken)).ToString() + await monitor.FlushAsync(cancellationToken);
        return (shown, monitor.Stopped);
    }

    private FunctionResult Refuse(KernelFunction function, Inspection inspection) =>
        guard.Policy.OnBlock == Policies.OnBlock.Throw ? throw new AegisBlockedException(inspection.Verdict, inspection.Id.ToString()) : Refusals.Result(guard, function, inspection);

    private async ValueTask<object> RefuseAsync(AegisRun run, CancellationToken cancellationToken) =>
        await UnreadableAsync(run, cancellationToken) is { } inspection ? throw new AegisBlockedException(inspection.Verdict, inspection.Id.ToString()) : throw new InvalidOperationException("A stream of this type cannot be guarded.");

    private async ValueTask<Inspection?> UnreadableAsync(AegisRun run, CancellationToken cancellationToken)
    {
        var inspection = await guard.Pipeline.RecordAsync(new ModelOutput(""), run, Finding.Block("output/unreadable", "ask the kernel for text or messages"), cancellationToken);
        return inspection.MayProceed ? null : inspection;
    }
}
