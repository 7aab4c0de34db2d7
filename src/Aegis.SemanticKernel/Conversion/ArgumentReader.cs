using System.Text.Json;
using Aegis.ExtensionsAI;
using Aegis.Tools;
using Microsoft.SemanticKernel;
using AI = Microsoft.Extensions.AI;

namespace Aegis.SemanticKernel;

/// <summary>
/// Arguments of a kernel as the model wrote them. Kernels make text of every value and of the text again what the function wants, so that a guard
/// has to see through the text: <c>"4900"</c> of a number is a number.
/// </summary>
internal static class ArgumentReader
{
    /// <summary>The arguments of a function that is about to run.</summary>
    public static ToolArguments Read(KernelFunction function, KernelArguments? arguments, AI.FunctionCallContent? call)
    {
        if (call is not null && CallLink.Find(call) is { Sent: { } sent, Content.Arguments: var text } && !ReferenceEquals(sent, text) && AreSame(arguments, sent))
        {
            return ParameterType.Judged(ToolArguments.From(sent), sent, function.JsonSchema);   // no filter has changed them since
        }

        var read = ToolArguments.From(arguments?.Select(argument => KeyValuePair.Create(argument.Key, Value(argument.Value, ParameterType.Of(function.JsonSchema, argument.Key)))));
        return ParameterType.Judged(read, arguments, function.JsonSchema);
    }

    /// <summary>The text that a kernel makes of JSON values.</summary>
    public static KernelArguments Text(IEnumerable<KeyValuePair<string, object?>>? arguments)
    {
        var text = new KernelArguments();
        foreach (var (name, value) in arguments ?? [])
        {
            text[name] = value is JsonElement ? value.ToString() : value;
        }

        return text;
    }

    /// <summary>Whether two arguments are the same to a function.</summary>
    public static bool AreSame(IEnumerable<KeyValuePair<string, object?>>? a, IEnumerable<KeyValuePair<string, object?>>? b)
    {
        var (left, right) = (ToolArguments.From(Text(a)), ToolArguments.From(Text(b)));
        return left.Refusal is null && right.Refusal is null && string.Equals(left.Canonical, right.Canonical, StringComparison.Ordinal);
    }

    private static object? Value(object? value, string? type) => value switch
    {
        null or JsonElement => value,
        string text => type is null or "string" ? text : ParameterType.Read(text, type) ?? (object)text,
        _ when ToolArguments.From([KeyValuePair.Create("value", (object?)value)]).Refusal is null => value,
        _ => Serialized(value) ?? value,   // an object of the host's
    };

    private static JsonElement? Serialized(object value)
    {
        try
        {
            return JsonSerializer.SerializeToElement(value, value.GetType());
        }
        catch (Exception e) when (e is NotSupportedException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
