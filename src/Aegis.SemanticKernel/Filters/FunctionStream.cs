using System.Runtime.CompilerServices;
using Aegis.ExtensionsAI;
using Microsoft.SemanticKernel;

namespace Aegis.SemanticKernel;

/// <summary>A function that the host has run as a stream. Its result is whole text, so that it is read when it is whole.</summary>
internal sealed class FunctionStream(AegisGuard guard, ExecutionSeam execution, RequestSeam seam, AegisRun run, Invocation invocation) : IStreamMap
{
    public async Task RunAsync(FunctionInvocationContext context, Func<Task> next)
    {
        var judged = await execution.JudgeAsync(invocation, context.CancellationToken);
        if (!judged.MayProceed)
        {
            if (invocation.Call is null && guard.Policy.OnBlock == Policies.OnBlock.Throw)
            {
                throw new AegisBlockedException(judged.Verdict, judged.Id.ToString());   // the host has called
            }

            context.Result = new FunctionResult(context.Function, new SentenceStream(Notices.Denied(judged.Verdict)), context.Kernel.Culture);
            return;
        }

        using (AegisAmbient.EnterTool(run))
        {
            await next();
        }

        if (context.Result.GetValue<object>() is { } stream)
        {
            context.Result = new FunctionResult(context.Function, StreamShapes.Map(stream, this) ?? await UnreadableAsync(stream, context.CancellationToken), context.Kernel.Culture);
        }
    }

    public IAsyncEnumerable<T> Map<T>(IAsyncEnumerable<T> stream, StreamShape<T> shape) => ReadAsync(stream, shape);

    private async IAsyncEnumerable<T> ReadAsync<T>(IAsyncEnumerable<T> stream, StreamShape<T> shape, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var held = new List<T>();
        var items = stream.GetAsyncEnumerator(cancellationToken);
        try
        {
            while (true)
            {
                using (AegisAmbient.EnterTool(run))   // an async iterator loses it between any two items
                {
                    if (!await items.MoveNextAsync())
                    {
                        break;
                    }
                }

                held.Add(items.Current);
            }
        }
        finally
        {
            await items.DisposeAsync();
        }

        var name = invocation.Tool.Name;
        var texts = held.ConvertAll(item => Unwrapped(item) is { } value ? ResultText.Of(value) : shape.Read(item));
        var text = texts.Contains(null) ? new OpaqueContent(texts) : ResultText.Readable(string.Concat(texts));
        var read = await seam.ReadResultValueAsync(run, name, invocation.Arguments.CallHash(name), "", text, cancellationToken, local: invocation.Tool.LocalName);
        if (ReferenceEquals(read, text))
        {
            foreach (var item in held)
            {
                yield return item;
            }
        }
        else
        {
            yield return shape.Make(new(read as string ?? ""), default);
        }
    }

    /// <summary>What a method returned, in a kernel's wrapping.</summary>
    private static object? Unwrapped<T>(T item) => item is StreamingKernelContent { InnerContent: { } value } && string.Equals(item.GetType().Name, "StreamingMethodContent", StringComparison.Ordinal) ? value : null;

    private async ValueTask<object> UnreadableAsync(object stream, CancellationToken cancellationToken)
    {
        var inspection = await guard.Pipeline.RecordAsync(new ToolResult(invocation.Tool.Name, ""), run, Finding.Block("result/unscannable", "ask the kernel for text or contents"), cancellationToken);
        return inspection.MayProceed ? stream : throw new AegisBlockedException(inspection.Verdict, inspection.Id.ToString());
    }
}
