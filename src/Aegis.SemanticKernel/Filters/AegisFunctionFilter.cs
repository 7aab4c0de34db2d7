using Aegis.SemanticKernel;
using Microsoft.SemanticKernel;

namespace Aegis;

/// <summary>
/// Judges every function of a plugin that a kernel runs, whoever calls it (the host, a template, a manual loop), and reads its result; a call that
/// another part of the same guard has judged on its way here is not judged again. A prompt without a plugin is the host's own word and no tool;
/// its answer is read where no guarded service has. To guarded services nobody has typed what reaches them inside of a prompt. Thread-safe.
/// </summary>
public sealed class AegisFunctionFilter : IFunctionInvocationFilter
{
    private readonly KernelGate _gate;

    /// <summary>A filter.</summary>
    /// <param name="guard">The guard. Filters and layers that share it count together.</param>
    public AegisFunctionFilter(AegisGuard guard)
    {
        ArgumentNullException.ThrowIfNull(guard);
        Guard = guard;
        _gate = KernelGate.Of(guard);
    }

    internal AegisGuard Guard { get; }

    /// <inheritdoc/>
    /// <exception cref="AegisBlockedException">A prompt or its answer was blocked and the policy says <c>onBlock: throw</c>.</exception>
    public Task OnFunctionInvocationAsync(FunctionInvocationContext context, Func<FunctionInvocationContext, Task> next)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        return Guard.Pipeline.Policy.IsOff ? next(context)
            : context.Function.PluginName is null && PromptRun.IsPrompt(context.Function) ? new PromptRun(Guard).RunAsync(context, () => next(context))
            : _gate.RunAsync(context, this, () => next(context));
    }
}
