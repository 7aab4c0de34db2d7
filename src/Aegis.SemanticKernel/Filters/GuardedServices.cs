using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.TextGeneration;

namespace Aegis.SemanticKernel;

/// <summary>Whether the service that a kernel picks for a prompt reads it itself, with the roles that its messages have.</summary>
internal static class GuardedServices
{
    private const string Steady = "Microsoft.SemanticKernel.Services.OrderedAIServiceSelector";

    /// <summary>Asks the kernel's selector in the order in which prompts do. Another selector than the framework's may pick another service the next time.</summary>
    public static bool Reads(AegisGuard guard, Kernel kernel, KernelFunction function, KernelArguments arguments)
    {
        var selector = kernel.ServiceSelector;
        return string.Equals(selector.GetType().FullName, Steady, StringComparison.Ordinal) && IsRead(guard, selector, kernel, function, arguments);
    }

    private static bool IsRead(AegisGuard guard, IAIServiceSelector selector, Kernel kernel, KernelFunction function, KernelArguments arguments) =>
        selector.TrySelectAIService<IChatCompletionService>(kernel, function, arguments, out var chat, out _) ? IsGuarded(chat, guard)
            : selector.TrySelectAIService<ITextGenerationService>(kernel, function, arguments, out var text, out _) ? IsGuarded(text, guard)
            : selector is IChatClientSelector clients && clients.TrySelectChatClient<IChatClient>(kernel, function, arguments, out var client, out _)
                && (client as BorrowedClient)?.Lender is var lender && ((lender ?? client) as AegisChatClient)?.IsOf(guard) == true;

    private static bool IsGuarded(object service, AegisGuard guard) => service is IGuardedService guarded && ReferenceEquals(guarded.Guard, guard);
}
