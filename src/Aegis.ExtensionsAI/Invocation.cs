using Aegis.Tools;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>A function that is about to run.</summary>
/// <param name="Tool">The function, as the run offers it.</param>
/// <param name="Arguments">Exactly what it runs with.</param>
internal readonly record struct Invocation(ToolInfo Tool, ToolArguments Arguments)
{
    /// <summary>The call of the model; null: the host's own code calls.</summary>
    public FunctionCallContent? Call { get; init; }

    /// <summary>Puts other arguments in the place of those that stand there; null: nobody can.</summary>
    public Action<ToolArguments>? Edit { get; init; }

    /// <summary>Has the function run with other arguments than the call shows; null: nobody can. The call must not change by it, or shows again what it did when it gets its own back.</summary>
    public Action<ToolArguments>? Lend { get; init; }

    /// <summary>All calls of the model response that made the call; null: those of the loop's messages.</summary>
    public List<FunctionCallContent>? Siblings { get; init; }

    /// <summary>What a second seam will see of the call on its way; null: there is none.</summary>
    public object? Source { get; init; }

    /// <summary>The function loop, to hide tools from it and to end it; null: nobody's, or a layer below sees every step.</summary>
    public FunctionInvocationContext? Loop { get; init; }
}
