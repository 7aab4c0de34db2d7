using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>
/// What has to be known here of Semantic Kernel, which this project does not reference. Its loop demands kernel functions, so that functions
/// cannot be wrapped, and overrides the invoker; with its options it runs the kernel's filters, and one of them must be ours.
/// </summary>
internal static class KernelLoop
{
    private const string Loop = "Microsoft.Extensions.AI.KernelFunctionInvokingChatClient";
    private const string Options = "Microsoft.Extensions.AI.KernelChatOptions";

    /// <summary>Whether the kernel of these options has a filter of this guard; set by the project that knows kernels.</summary>
    public static Func<ChatOptions, AegisGuard, bool>? HasFilter { get; set; }

    /// <summary>The name of a kernel's function inside its plugin; set by the project that knows kernels.</summary>
    public static Func<AITool, string?>? LocalNameOf { get; set; }

    public static bool Is(FunctionInvokingChatClient client, ChatOptions options) => IsLoop(client) && IsNamed(options.GetType(), Options);

    public static bool IsLoop(FunctionInvokingChatClient client) => IsNamed(client.GetType(), Loop);

    private static bool IsNamed(Type type, string name) => string.Equals(type.FullName, name, StringComparison.Ordinal);
}
