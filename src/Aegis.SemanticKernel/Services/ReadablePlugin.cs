using System.Diagnostics.CodeAnalysis;
using Microsoft.SemanticKernel;

namespace Aegis.SemanticKernel;

/// <summary>A plugin without some of its functions.</summary>
internal sealed class ReadablePlugin(KernelPlugin plugin, HashSet<KernelFunction> hidden) : KernelPlugin(plugin.Name, plugin.Description)
{
    public override int FunctionCount => this.Count();

    public override IEnumerator<KernelFunction> GetEnumerator() => plugin.Where(function => !hidden.Contains(function)).GetEnumerator();

    public override bool TryGetFunction(string name, [NotNullWhen(true)] out KernelFunction? function) => plugin.TryGetFunction(name, out function) && !hidden.Contains(function);
}
