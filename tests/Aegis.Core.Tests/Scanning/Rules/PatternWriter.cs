using System.Globalization;
using System.Text;
using Aegis.Scanning.Rules;

namespace Aegis.Core.Tests.Scanning.Rules;

/// <summary>Writes a pattern in the notation of .NET's engine.</summary>
internal static class PatternWriter
{
    public static string Write(PatternNode root)
    {
        var regex = new StringBuilder();
        Write(root, regex);
        return regex.ToString();
    }

    public static void Escaped(char c, StringBuilder regex)
    {
        if (char.IsAsciiLetterOrDigit(c) || c is '_' || c >= 0x80)
        {
            regex.Append(c);
        }
        else
        {
            regex.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
        }
    }

    private static void Write(PatternNode node, StringBuilder regex)
    {
        switch (node)
        {
            case PatternNode.Literal literal:
                Escaped(literal.Character, regex);
                break;
            case PatternNode.Set set:
                regex.Append('\\').Append(set.Name);
                break;
            case PatternNode.Any:
                regex.Append("[^\\n]");
                break;
            case PatternNode.Edge:
                regex.Append("\\b");
                break;
            case PatternNode.Class members:
                Write(members, regex);
                break;
            case PatternNode.Sequence sequence:
                foreach (var part in sequence.Parts)
                {
                    Write(part, regex);
                }

                break;
            case PatternNode.Choice choice:
                regex.Append("(?:");
                for (var i = 0; i < choice.Options.Count; i++)
                {
                    regex.Append(i == 0 ? "" : "|");
                    Write(choice.Options[i], regex);
                }

                regex.Append(')');
                break;
            case PatternNode.Repeat repeat:
                regex.Append("(?:");
                Write(repeat.Part, regex);
                regex.Append(CultureInfo.InvariantCulture, $"){{{repeat.From},{repeat.To}}}");
                break;
            default:
                throw new InvalidOperationException("A part of a pattern that cannot be written.");
        }
    }

    private static void Write(PatternNode.Class members, StringBuilder regex)
    {
        regex.Append(members.IsNegated ? "[^" : "[");
        foreach (var (from, to) in members.Ranges)
        {
            Escaped(from, regex);
            if (to != from)
            {
                regex.Append('-');
                Escaped(to, regex);
            }
        }

        foreach (var set in members.Sets)
        {
            regex.Append('\\').Append(set);
        }

        regex.Append(']');
    }
}
