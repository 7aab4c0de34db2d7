using System.Globalization;
using System.Text;
using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Rules;

/// <summary>
/// Checks a pattern and turns it into the engine's notation: literals, <c>.</c>, classes, <c>\s \S \d \D \w \W \b</c>, groups, alternation, and
/// repeats up to 256. <c>*</c> and <c>+</c> end at 256 too. White space is one character in canonical text, however often it is repeated.
/// </summary>
internal sealed class PatternParser(string source)
{
    private const int MaxRepeat = 256;
    private const int MaxDepth = 32;
    private const string Punctuation = @".\+*?()[]{}|^$/-#&~<>=!:;,'""%@` _";

    private readonly StringBuilder _regex = new();
    private int _position;
    private int _depth;
    private long _size;
    private bool _afterBlank;

    /// <summary>The pattern in the engine's notation, the longest match, and about how many states its automaton has before it is made deterministic: its parts, as often as they are repeated.</summary>
    public (string Regex, int Span, long Size) Parse()
    {
        if (source.Length > 4_096)
        {
            throw Error("a pattern has at most 4,096 characters");
        }

        var (min, max) = Alternation();
        if (_position < source.Length)
        {
            throw Error("')' closes nothing. Write '\\)' for the character");
        }

        if (min == 0)
        {
            throw new PatternException(0, "the pattern matches the empty text. Make at least one part mandatory");
        }

        return max > Pattern.MaxSpan
            ? throw new PatternException(0, string.Create(CultureInfo.InvariantCulture, $"a match can be {max} characters long. Use repeats that stay within {Pattern.MaxSpan} in total"))
            : (_regex.ToString(), max, _size);
    }

    private (int Min, int Max) Alternation()
    {
        if (++_depth > MaxDepth)
        {
            throw Error($"groups are nested deeper than {MaxDepth}");
        }

        var (min, max) = Sequence();
        while (Next('|'))
        {
            _regex.Append('|');
            _afterBlank = false;
            var (otherMin, otherMax) = Sequence();
            (min, max) = (Math.Min(min, otherMin), Math.Max(max, otherMax));
        }

        _depth--;
        return (min, max);
    }

    private (int Min, int Max) Sequence()
    {
        int min = 0, max = 0;
        while (_position < source.Length && source[_position] is not ('|' or ')'))
        {
            var (atomMin, atomMax) = Repeated();
            min = checked(min + atomMin);
            max = Math.Min(max + atomMax, 1_000_000);
        }

        return (min, max);
    }

    private (int Min, int Max) Repeated()
    {
        var (at, afterBlank, size) = (_position, _afterBlank, _size);
        _regex.Append("(?:");
        var (min, max, isBlank) = Atom();
        _regex.Append(')');
        _size += source[at] == '(' ? 0 : Math.Max(1, max);
        _afterBlank = isBlank;
        if (_position == source.Length || source[_position] is not ('?' or '*' or '+' or '{'))
        {
            if (isBlank && afterBlank)
            {
                _position = at;
                throw Error("two blanks in a row never stand in a text as patterns see it. Leave one out");
            }

            return (min, max);
        }

        if (max == 0)
        {
            throw Error("'\\b' cannot be repeated");
        }

        var (from, to) = Repeat();
        if (_position < source.Length && (source[_position] is '?' or '+' or '*' or '{'))
        {
            throw Error("a repeat cannot be repeated, made lazy or possessive. Put it into a group, or leave the mark out");
        }

        if (isBlank)
        {
            // One blank stands for any number of them.
            _afterBlank = from > 0;
            _regex.Append(from == 0 ? "?" : "");
            return (from == 0 ? 0 : 1, 1);
        }

        _size = Math.Min(size + ((_size - size) * to), int.MaxValue);
        _regex.Append(CultureInfo.InvariantCulture, $"{{{from},{to}}}");
        return (Math.Min(min * from, 1_000_000), Math.Min(max * to, 1_000_000));
    }

    private (int From, int To) Repeat()
    {
        var at = _position;
        switch (source[_position++])
        {
            case '?':
                return (0, 1);
            case '*':
                return (0, MaxRepeat);
            case '+':
                return (1, MaxRepeat);
            default:
                var from = Number();
                var to = from;
                if (Next(','))
                {
                    to = Number();
                }

                if (!Next('}') || from > to || to is 0 or > MaxRepeat)
                {
                    _position = at;
                    throw Error($"a repeat is '{{n}}' or '{{n,m}}' with n <= m and m from 1 to {MaxRepeat}. Write '\\{{' for the character");
                }

                return (from, to);
        }
    }

    private int Number()
    {
        var start = _position;
        while (_position < source.Length && char.IsAsciiDigit(source[_position]) && _position - start < 4)
        {
            _position++;
        }

        return int.TryParse(source.AsSpan(start, _position - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Error("a number is missing in the repeat. Write '{n}' or '{n,m}'");
    }

    private (int Min, int Max, bool IsBlank) Atom()
    {
        var c = source[_position];
        switch (c)
        {
            case '(':
                _position++;
                if (_position < source.Length && source[_position] == '?')
                {
                    _position++;
                    if (!Next(':'))
                    {
                        throw Error("look-around, named groups and options are not of the language. Only '(...)' and '(?:...)' are");
                    }
                }

                var (min, max) = Alternation();
                return Next(')') ? (min, max, false) : throw Error("')' is missing");
            case '[':
                Class();
                return (1, 1, false);
            case '.':
                _position++;
                _regex.Append("[^\\n]");
                return (1, 1, false);
            case '\\':
                return Escape();
            case '^' or '$':
                throw Error($"anchors are not of the language. Leave '{c}' out, or write '\\{c}' for the character");
            case '?' or '*' or '+' or '{':
                throw Error($"'{c}' repeats nothing. Write '\\{c}' for the character");
            case ']' or '}':
                throw Error($"'{c}' closes nothing. Write '\\{c}' for the character");
            default:
                return Literal();
        }
    }

    private (int Min, int Max, bool IsBlank) Literal()
    {
        var length = char.IsHighSurrogate(source[_position]) && _position + 1 < source.Length ? 2 : 1;
        var literal = CanonicalText.Fold(source.Substring(_position, length));
        if (literal.Length == 0)
        {
            throw Error("this character is invisible, so no text ever has it here. Leave it out");
        }

        _position += length;
        foreach (var c in literal)
        {
            Escaped(c);
        }

        return (literal.Length, literal.Length, literal is " " or "\n");
    }

    private (int Min, int Max, bool IsBlank) Escape()
    {
        _position++;
        if (_position == source.Length)
        {
            throw Error("'\\' at the end. Write '\\\\' for the character");
        }

        var c = source[_position++];
        switch (c)
        {
            case 'b':
                _regex.Append("\\b");
                return (0, 0, false);
            case 's':
                _regex.Append("\\s");
                return (1, 1, true);
            case 'S' or 'd' or 'D' or 'w' or 'W':
                _regex.Append('\\').Append(c);
                return (1, 1, false);
            case 'n' or 'r':
                _regex.Append("\\n");
                return (1, 1, true);
            case 't':
                _regex.Append(' ');
                return (1, 1, true);
            default:
                if (!Punctuation.Contains(c, StringComparison.Ordinal))
                {
                    _position--;
                    throw Error($"'\\{c}' is not of the language. Use \\s \\S \\d \\D \\w \\W \\b \\n, or '\\' before punctuation");
                }

                Escaped(c);
                return (1, 1, false);
        }
    }

    private void Class()
    {
        var open = _position++;
        _regex.Append('[');
        if (Next('^'))
        {
            _regex.Append('^');
        }

        var members = 0;
        while (!Next(']'))
        {
            if (_position >= source.Length)
            {
                _position = open;
                throw Error("']' is missing");
            }

            members++;
            var from = Member(out var isSet);
            if (isSet || !(_position + 1 < source.Length && source[_position] == '-' && source[_position + 1] != ']'))
            {
                continue;
            }

            _position++;
            _regex.Append('-');
            var to = Member(out var endsInSet);
            if (endsInSet || to < from)
            {
                throw Error("a range in a class goes from a character to a later one");
            }
        }

        if (members == 0)
        {
            _position = open;
            throw Error("an empty class matches nothing");
        }

        _regex.Append(']');
    }

    private char Member(out bool isSet)
    {
        isSet = false;
        var c = source[_position++];
        if (c == '[')
        {
            _position--;
            throw Error("'[' inside a class is written '\\['");
        }

        if (c == '\\' && _position < source.Length)
        {
            c = source[_position++];
            if (c is 's' or 'S' or 'd' or 'D' or 'w' or 'W')
            {
                _regex.Append('\\').Append(c);
                isSet = true;
                return '\0';
            }

            if (c is 'n' or 'r' or 't')
            {
                c = c == 't' ? ' ' : '\n';
            }
            else if (!Punctuation.Contains(c, StringComparison.Ordinal))
            {
                throw Error($"'\\{c}' is not of the language inside a class");
            }
        }

        var folded = CanonicalText.Fold(c.ToString());
        if (folded.Length != 1)
        {
            _position--;
            throw Error("this character cannot stand in a class. Use '(a|b)' instead");
        }

        Escaped(folded[0]);
        return folded[0];
    }

    private void Escaped(char c)
    {
        if (char.IsAsciiLetterOrDigit(c) || c is '_' || c >= 0x80)
        {
            _regex.Append(c);
        }
        else
        {
            _regex.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
        }
    }

    private bool Next(char c)
    {
        if (_position < source.Length && source[_position] == c)
        {
            _position++;
            return true;
        }

        return false;
    }

    private PatternException Error(string message) => new(_position, message);
}
