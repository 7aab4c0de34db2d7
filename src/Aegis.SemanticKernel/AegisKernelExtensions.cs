using Aegis;
using Aegis.ExtensionsAI;
using Aegis.SemanticKernel;
using Aegis.Tools;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Microsoft.SemanticKernel;

/// <summary>Puts Aegis into kernels.</summary>
public static class AegisKernelExtensions
{
    /// <summary>Adds the three filters, innermost: call it after all other filters were added.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="guard">The guard.</param>
    /// <returns>The kernel.</returns>
    /// <remarks>Filters see prompts and function calls. Direct calls of a service, model steps that call no function, and tokens are seen by <see cref="AegisKernelBuilderExtensions.AddAegis(IKernelBuilder)"/> or <see cref="WithAegis(IChatCompletionService, AegisGuard)"/>. So do marks: what <c>input.requireQuarantine</c> asks for, filters alone do not do.</remarks>
    public static Kernel UseAegis(this Kernel kernel, AegisGuard guard)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(guard);
        kernel.FunctionInvocationFilters.Add(new AegisFunctionFilter(guard));
        kernel.PromptRenderFilters.Add(new AegisPromptFilter(guard));
        kernel.AutoFunctionInvocationFilters.Add(new AegisAutoFunctionFilter(guard));
        return kernel;
    }

    /// <summary>Makes a set of the functions of a kernel, as models see them: <c>Plugin-function</c>.</summary>
    /// <param name="guard">The guard.</param>
    /// <param name="kernel">The kernel.</param>
    /// <returns>The set.</returns>
    public static Toolset ToolsetOf(this AegisGuard guard, Kernel kernel)
    {
        ArgumentNullException.ThrowIfNull(guard);
        ArgumentNullException.ThrowIfNull(kernel);
        return guard.ToolsetOf(kernel.Plugins.SelectMany(static plugin => plugin).Select(static function => ToolReader.Read(KernelTool.Of(function))));
    }

    /// <summary>Guards a chat service that no container has made: direct calls, streams and manual loops included.</summary>
    /// <param name="service">The service.</param>
    /// <param name="guard">The guard.</param>
    /// <returns>The guarded service.</returns>
    public static IChatCompletionService WithAegis(this IChatCompletionService service, AegisGuard guard)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(guard);
        return new AegisChatCompletionService(service, guard, owns: false);
    }
}
