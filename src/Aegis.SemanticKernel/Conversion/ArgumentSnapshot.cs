using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.SemanticKernel;

namespace Aegis.SemanticKernel;

/// <summary>Arguments as they were at one moment. Values that can change behind their back are never the same.</summary>
internal sealed class ArgumentSnapshot(KernelArguments? arguments)
{
    private readonly KernelArguments? _arguments = arguments;
    private readonly KeyValuePair<string, object?>[] _values = arguments is null ? [] : [.. arguments];

    private ConditionalWeakTable<object, object> Filters { get; init; } = [];

    /// <summary>The same arguments with the values that they have now, for the same filters.</summary>
    public ArgumentSnapshot Now() => new(_arguments) { Filters = Filters };

    /// <summary>Whether a filter meets them for the first time: one that meets them again stands inside another that tries again.</summary>
    public bool Passes(object filter) => Filters.TryAdd(filter, filter);

    /// <summary>Whether these are the same arguments, whatever has become of their values.</summary>
    public bool IsFrom(KernelArguments? arguments) => ReferenceEquals(_arguments, arguments);

    /// <summary>Whether these are the same arguments, with the same values.</summary>
    public bool IsOf(KernelArguments? arguments)
    {
        if (!IsFrom(arguments) || (arguments?.Count ?? 0) != _values.Length)
        {
            return false;
        }

        foreach (var (name, value) in _values)
        {
            if (value is not (null or string or JsonElement or bool or int or long or double or decimal) || !arguments!.TryGetValue(name, out var now) || !(ReferenceEquals(now, value) || (value is not JsonElement && Equals(now, value))))
            {
                return false;
            }
        }

        return true;
    }
}
