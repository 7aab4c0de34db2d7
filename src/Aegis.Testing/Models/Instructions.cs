using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Aegis.Testing;

/// <summary>The two instructions an obedient model understands, found anywhere in a text.</summary>
internal static class Instructions
{
    private const RegexOptions Linear = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
    private static readonly Regex CallStart = new(@"\bCALL\s+([\w.-]+)\s*\{", Linear);
    private static readonly Regex Say = new(@"\bSAY[ \t]+([^\r\n]+)", Linear);

    public static IEnumerable<(string Tool, Dictionary<string, object?> Arguments)> Calls(string text)
    {
        for (var match = CallStart.Match(text); match.Success;)
        {
            var brace = match.Index + match.Length - 1;
            var next = brace;
            if (TryReadObject(text[brace..], out var arguments, out var length))
            {
                yield return (match.Groups[1].Value, arguments);
                next += length; // an instruction inside an argument is the argument's, not the model's
            }

            match = CallStart.Match(text, next);
        }
    }

    public static IEnumerable<string> Says(string text) => Say.Matches(text).Select(match => match.Groups[1].Value.TrimEnd());

    private static bool TryReadObject(string text, out Dictionary<string, object?> arguments, out int length)
    {
        (arguments, length) = ([], 0);
        var utf8 = Encoding.UTF8.GetBytes(text);
        var reader = new Utf8JsonReader(utf8);
        try
        {
            var json = JsonElement.ParseValue(ref reader);
            foreach (var member in json.EnumerateObject())
            {
                arguments[member.Name] = member.Value;
            }

            length = Encoding.UTF8.GetCharCount(utf8.AsSpan(0, (int)reader.BytesConsumed));
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
