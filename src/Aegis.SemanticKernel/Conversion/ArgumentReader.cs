using System.Text.Json;
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
            return ToolArguments.From(sent);   // no filter has changed them since
        }

        return ToolArguments.From(arguments?.Select(argument => KeyValuePair.Create(argument.Key, Value(argument.Value, TypeOf(function, argument.Key)))));
    }

    /// <summary>The text that a kernel makes of JSON values.</summary>
    public static KernelArguments Text(KernelArguments? arguments)
    {
        var text = new KernelArguments();
        foreach (var (name, value) in arguments ?? [])
        {
            text[name] = value is JsonElement ? value.ToString() : value;
        }

        return text;
    }

    /// <summary>Whether two arguments are the same to a function.</summary>
    private static bool AreSame(KernelArguments? a, KernelArguments? b)
    {
        var (left, right) = (ToolArguments.From(Text(a)), ToolArguments.From(Text(b)));
        return left.Refusal is null && right.Refusal is null && string.Equals(left.Canonical, right.Canonical, StringComparison.Ordinal);
    }

    private static object? Value(object? value, string? type) => value switch
    {
        null or JsonElement => value,
        string text => type is null or "string" ? text : Parsed(text, type) ?? (object)text,
        _ when ToolArguments.From([KeyValuePair.Create("value", (object?)value)]).Refusal is null => value,
        _ => Serialized(value) ?? value,   // an object of the host's
    };

    private static JsonElement? Parsed(string text, string type)
    {
        try
        {
            var json = type == "boolean" && bool.TryParse(text, out var flag) ? JsonSerializer.SerializeToElement(flag) : JsonElement.Parse(text);
            return json.ValueKind switch
            {
                JsonValueKind.Number => type is "number" or "integer",
                JsonValueKind.True or JsonValueKind.False => type is "boolean",
                JsonValueKind.Object => type is "object",
                JsonValueKind.Array => type is "array",
                _ => false,
            } ? json : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

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

    /// <summary>The first type that the schema of a parameter names and that is not <c>null</c>.</summary>
    private static string? TypeOf(KernelFunction function, string parameter)
    {
        if (function.JsonSchema is not { ValueKind: JsonValueKind.Object } schema || !schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object
            || !properties.TryGetProperty(parameter, out var property) || property.ValueKind != JsonValueKind.Object || !property.TryGetProperty("type", out var type))
        {
            return null;
        }

        return type.ValueKind switch
        {
            JsonValueKind.String => type.GetString(),
            JsonValueKind.Array => type.EnumerateArray().Select(static item => item.ToString()).FirstOrDefault(static item => item is not "null"),
            _ => null,
        };
    }
}
