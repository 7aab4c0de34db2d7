using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace Aegis.SemanticKernel;

/// <summary>A function of a kernel as a model sees it: <c>Plugin-function</c>.</summary>
internal sealed class KernelTool : AIFunctionDeclaration
{
    private static readonly ConditionalWeakTable<KernelFunction, KernelTool> Known = [];

    private readonly KernelFunction _function;

    private KernelTool(KernelFunction function) => (_function, Name) = (function, NameOf(function.PluginName, function.Name));

    /// <summary>One tool a function, so that it is known again.</summary>
    public static KernelTool Of(KernelFunction function) => Known.GetValue(function, static made => new(made));

    public KernelFunction Function => _function;

    public override string Name { get; }

    public override string Description => _function.Description;

    public override JsonElement JsonSchema => _function.JsonSchema;

    public override IReadOnlyDictionary<string, object?> AdditionalProperties => (Wrapped ?? _function).AdditionalProperties;

    /// <summary>The function of another framework that the kernel's stands for; kernels keep it to themselves.</summary>
    private AIFunction? Wrapped => _function.GetType().GetField("_aiFunction", BindingFlags.Instance | BindingFlags.NonPublic)?.GetValue(_function) as AIFunction;

    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        base.GetService(serviceType, serviceKey) ?? _function.GetService(serviceType, serviceKey) ?? Wrapped?.GetService(serviceType, serviceKey);

    public static string NameOf(string? plugin, string function) => string.IsNullOrEmpty(plugin) ? function : $"{plugin}-{function}";
}
