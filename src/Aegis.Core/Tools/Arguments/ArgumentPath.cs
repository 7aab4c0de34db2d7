using System.Text;

namespace Aegis.Tools.Arguments;

/// <summary>Where arguments are: names, and stars for every member or item at a level.</summary>
internal static class ArgumentPath
{
    public const int MaxLength = 256;

    /// <summary>The segments, null for a star; null when the text is no path.</summary>
    public static string?[]? Parse(string text)
    {
        if (text.Length is 0 or > MaxLength || text.Any(char.IsControl))
        {
            return null;
        }

        var segments = new List<string?>();
        var name = new StringBuilder();
        var (isStar, isEscaped) = (false, false);
        foreach (var c in text)
        {
            if (isEscaped)
            {
                name.Append(c);
                isEscaped = false;
            }
            else if (isStar ? c != '.' : c == '*' && name.Length > 0)
            {
                return null;   // a part of a name is no pattern
            }
            else if (c == '.')
            {
                if (!isStar && name.Length == 0)
                {
                    return null;
                }

                segments.Add(isStar ? null : name.ToString());
                name.Clear();
                isStar = false;
            }
            else if (c == '*')
            {
                isStar = true;
            }
            else if (c == '\\')
            {
                isEscaped = true;
            }
            else
            {
                name.Append(c);
            }
        }

        if (isEscaped || (!isStar && name.Length == 0))
        {
            return null;
        }

        segments.Add(isStar ? null : name.ToString());
        return segments.Count <= ToolArguments.MaxDepth ? [.. segments] : null;
    }

    /// <summary>Whether a value is what a path names, or a part of it.</summary>
    /// <param name="path">The segments of the path.</param>
    /// <param name="steps">The names on the way to the value.</param>
    public static bool Covers(string?[] path, IReadOnlyList<string?> steps)
    {
        if (steps.Count < path.Length)
        {
            return false;
        }

        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] is { } name && !string.Equals(name, steps[i], StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The form in which paths are compared: names count without case.</summary>
    public static string Canonical(string text) => Parse(text) is { } segments
        ? string.Join('.', segments.Select(static segment => segment?.ToUpperInvariant().Replace("\\", "\\\\", StringComparison.Ordinal).Replace(".", "\\.", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal) ?? "*"))
        : text;
}
