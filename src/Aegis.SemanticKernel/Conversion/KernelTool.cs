using System.Reflection;
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

    public override IReadOnlyDictionary<string, object?> AdditionalProperties => (Wrapped ?? function).AdditionalProperties;

    /// <summary>The function of another framework that the kernel's stands for; kernels keep it to themselves.</summary>
    private AIFunction? Wrapped => function.GetType().GetField("_aiFunction", BindingFlags.Instance | BindingFlags.NonPublic)?.GetValue(function) as AIFunction;

    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        base.GetService(serviceType, serviceKey) ?? function.GetService(serviceType, serviceKey) ?? Wrapped?.GetService(serviceType, serviceKey);

    public static string NameOf(string? plugin, string function) => string.IsNullOrEmpty(plugin) ? function : $"{plugin}-{function}";
}
