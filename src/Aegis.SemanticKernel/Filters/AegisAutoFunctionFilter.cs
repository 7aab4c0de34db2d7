using Aegis.SemanticKernel;
using Microsoft.SemanticKernel;

namespace Aegis;

/// <summary>
/// Judges every function call of a model before a kernel runs it, on the arguments that run, and reads its result before the model does. A denial is a
/// result that names the rule. Put it behind other filters (the last one added is the innermost), so that none changes the arguments afterwards. Thread-safe.
/// </summary>
public sealed class AegisAutoFunctionFilter : IAutoFunctionInvocationFilter
{
    private readonly KernelGate _gate;

    /// <summary>A filter.</summary>
    /// <param name="guard">The guard. Filters and layers that share it count together.</param>
    public AegisAutoFunctionFilter(AegisGuard guard)
    {
        ArgumentNullException.ThrowIfNull(guard);
        Guard = guard;
        _gate = KernelGate.Of(guard);
    }

    internal AegisGuard Guard { get; }

    /// <inheritdoc/>
    public Task OnAutoFunctionInvocationAsync(AutoFunctionInvocationContext context, Func<AutoFunctionInvocationContext, Task> next)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        return Guard.Pipeline.Policy.IsOff ? next(context) : _gate.RunAsync(context, this, () => next(context));
    }
}
