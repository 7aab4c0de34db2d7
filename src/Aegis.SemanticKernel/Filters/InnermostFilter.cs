using Microsoft.SemanticKernel;

namespace Aegis.SemanticKernel;

/// <summary>Filters that an app adds to a kernel after Aegis would run behind it, and could change what was judged.</summary>
internal static class InnermostFilter
{
    /// <summary>Puts a filter of the guard behind those of the app, where the kernel has one already.</summary>
    public static void Ensure(Kernel? kernel, AegisGuard guard)
    {
        if (kernel is null || kernel.FunctionInvocationFilters.Count == 0 || IsOurs(kernel.FunctionInvocationFilters[^1], guard))
        {
            return;
        }

        lock (kernel)
        {
            if (!IsOurs(kernel.FunctionInvocationFilters[^1], guard) && kernel.FunctionInvocationFilters.Any(filter => IsOurs(filter, guard)))
            {
                kernel.FunctionInvocationFilters.Add(new AegisFunctionFilter(guard));   // a call that passes both is judged once
            }
        }
    }

    private static bool IsOurs(IFunctionInvocationFilter filter, AegisGuard guard) => filter is AegisFunctionFilter ours && ReferenceEquals(ours.Guard, guard);
}
