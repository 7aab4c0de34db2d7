using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace Aegis.SemanticKernel;

/// <summary>A function of a kernel as a model sees it: <c>Plugin-function</c>.</summary>
internal sealed class KernelTool(KernelFunction function) : AIFunctionDeclaration
{
    public KernelFunction Function => function;

    public override string Name { get; } = NameOf(function.PluginName, function.Name);

    public override string Description => function.Description;

    public override JsonElement JsonSchema => function.JsonSchema;

    public static string NameOf(string? plugin, string function) => string.IsNullOrEmpty(plugin) ? function : $"{plugin}-{function}";
}
