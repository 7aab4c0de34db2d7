namespace Aegis.Scanning.Detecting;

/// <summary>Brackets that have no other half, apart from those of lists and smileys.</summary>
internal static class Brackets
{
    private const int MaxDepth = 64;

    /// <summary>How many there are.</summary>
    public static int Open(ReadOnlySpan<char> text)
    {
        Span<char> open = stackalloc char[MaxDepth];
        var (depth, lonely) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            switch (c)
            {
                case '(' or '[' or '{':
                    if (depth == MaxDepth)
                    {
                        lonely++;
                    }
                    else
                    {
                        open[depth++] = c;
                    }

                    break;
                case ')' or ']' or '}':
                    if (depth > 0 && open[depth - 1] == Other(c))
                    {
                        depth--;
                    }
                    else if (!IsMark(text[..i]))
                    {
                        lonely++;
                    }

                    break;
            }
        }

        return lonely + depth;
    }

    /// <summary>The second half of <c>a)</c>, <c>12)</c> or a smiley.</summary>
    private static bool IsMark(ReadOnlySpan<char> before) => before switch
    {
        [] => false,
        [.., ':' or ';' or '-' or '='] => true,
        [var a] => char.IsLetterOrDigit(a),
        [.., var b, var a] => char.IsLetterOrDigit(a) && (!char.IsLetterOrDigit(b) || (char.IsAsciiDigit(a) && char.IsAsciiDigit(b))),
    };

    private static char Other(char close) => close switch { ')' => '(', ']' => '[', _ => '{' };
}
