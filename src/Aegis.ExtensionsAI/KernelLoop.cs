using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>
/// What has to be known here of Semantic Kernel, which this project does not reference. Its loop demands kernel functions, so that functions
/// cannot be wrapped, and overrides the invoker; with its options it runs the kernel's filters, and one of them must be ours.
/// </summary>
internal static class KernelLoop
{
    private const string Loop = "Microsoft.Extensions.AI.KernelFunctionInvokingChatClient";
    private const string Function = "Microsoft.SemanticKernel.KernelFunction";
    private const string Options = "Microsoft.Extensions.AI.KernelChatOptions";

    /// <summary>Whether the kernel of these options has a filter of this guard; set by the project that knows kernels.</summary>
    public static Func<ChatOptions, AegisGuard, bool>? HasFilter { get; set; }

    /// <summary>The name of a kernel's function inside its plugin; null for every other tool.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "Kernels are not trimmed: they reflect themselves. Without the members a tool has one name.")]
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "As above.")]
    public static string? LocalNameOf(AITool tool)
    {
        var function = FunctionOf(tool);
        return function is not null && function.GetType().GetProperty("PluginName")?.GetValue(function) is string { Length: > 0 }
            ? KernelFunctionType(function.GetType())?.GetProperty("Name", BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)?.GetValue(function) as string
            : null;
    }

    /// <summary>The kernel's function that a tool is, or that it wraps in a field of its own.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "As above.")]
    private static object? FunctionOf(AITool tool)
    {
        if (KernelFunctionType(tool.GetType()) is not null)
        {
            return tool;
        }

        return tool.GetType() is { Namespace: { } space } type && (space.StartsWith("Microsoft.SemanticKernel", StringComparison.Ordinal) || space.StartsWith("Aegis.SemanticKernel", StringComparison.Ordinal))
            ? type.GetFields(BindingFlags.NonPublic | BindingFlags.Instance).Select(field => field.GetValue(tool)).FirstOrDefault(static value => value is not null && KernelFunctionType(value.GetType()) is not null)
            : null;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2073", Justification = "As above.")]
    private static Type? KernelFunctionType(Type? type)
    {
        while (type is not null && !IsNamed(type, Function))
        {
            type = type.BaseType;
        }

        return type;
    }

    public static bool Is(FunctionInvokingChatClient client, ChatOptions options) => IsLoop(client) && IsNamed(options.GetType(), Options);

    public static bool IsLoop(FunctionInvokingChatClient client) => IsNamed(client.GetType(), Loop);

    private static bool IsNamed(Type type, string name) => string.Equals(type.FullName, name, StringComparison.Ordinal);
}
