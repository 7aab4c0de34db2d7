using System.Globalization;
using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Rules;

/// <summary>
/// Checks a pattern and takes it apart: literals, <c>.</c>, classes, <c>\s \S \d \D \w \W \b</c>, groups, alternation, and
/// repeats up to 256. <c>*</c> and <c>+</c> end at 256 too. White space is one character in canonical text, however often it is repeated.
/// </summary>
/// <param name="source">The pattern.</param>
/// <param name="isExact">Whether its characters are those of texts as they stand, not of canonical ones.</param>
internal sealed class PatternParser(string source, bool isExact = false)
{
    private const int MaxRepeat = 256;
    private const int MaxDepth = 32;
    private const string Punctuation = @".\+*?()[]{}|^$/-#&~<>=!:;,'""%@` _";

    private int _position;
    private int _depth;
    private long _size;
    private bool _afterBlank;

    /// <summary>The parts of the pattern, the longest match, and about how many states its automaton has before it is made deterministic: its parts, as often as they are repeated.</summary>
    public (PatternNode Root, int Span, long Size) Parse()
    {
        if (source.Length > 4_096)
        {
            throw Error("a pattern has at most 4,096 characters");
        }

        var (root, min, max) = Alternation();
        if (_position < source.Length)
        {
            throw Error("')' closes nothing. Write '\\)' for the character");
        }

        if (min == 0)
        {
            throw new PatternException(0, "the pattern matches the empty text. Make at least one part mandatory");
        }

        return max > Pattern.MaxSpan
            ? throw new PatternException(0, string.Create(CultureInfo.InvariantCulture, $"a match can be {max} characters long. Use repeats that stay within {Pattern.MaxSpan} in total: '*' and '+' count as {MaxRepeat}, '.{{0,80}}' as 80"))
            : (root, max, _size);
    }

    private (PatternNode Node, int Min, int Max) Alternation()
    {
        if (++_depth > MaxDepth)
        {
            throw Error($"groups are nested deeper than {MaxDepth}");
        }

        var (node, min, max) = Sequence();
        List<PatternNode>? options = null;
        while (Next('|'))
        {
            _afterBlank = false;
            var (other, otherMin, otherMax) = Sequence();
            (options ??= [node]).Add(other);
            (min, max) = (Math.Min(min, otherMin), Math.Max(max, otherMax));
        }

        _depth--;
        return (options is null ? node : new PatternNode.Choice(options), min, max);
    }

    private (PatternNode Node, int Min, int Max) Sequence()
    {
        var parts = new List<PatternNode>();
        int min = 0, max = 0;
        while (_position < source.Length && source[_position] is not ('|' or ')'))
        {
            var (part, partMin, partMax) = Repeated();
            parts.Add(part);
            min = checked(min + partMin);
            max = Math.Min(max + partMax, 1_000_000);
        }

        return (parts.Count == 1 ? parts[0] : new PatternNode.Sequence(parts), min, max);
    }

    private (PatternNode Node, int Min, int Max) Repeated()
    {
        var (at, afterBlank, size) = (_position, _afterBlank, _size);
        var (atom, min, max, isBlank) = Atom();
        isBlank &= !isExact;
        _size += source[at] == '(' ? 0 : Math.Max(1, max);
        _afterBlank = isBlank;
        if (_position == source.Length || source[_position] is not ('?' or '*' or '+' or '{'))
        {
            if (isBlank && afterBlank)
            {
                _position = at;
                throw Error("two blanks in a row never stand in a text as patterns see it. Leave one out");
            }

            return (atom, min, max);
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
            return (from == 0 ? new PatternNode.Repeat(atom, 0, 1) : atom, from == 0 ? 0 : 1, 1);
        }

        _size = Math.Min(size + ((_size - size) * to), int.MaxValue);
        return (new PatternNode.Repeat(atom, from, to), Math.Min(min * from, 1_000_000), Math.Min(max * to, 1_000_000));
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

    private (PatternNode Node, int Min, int Max, bool IsBlank) Atom()
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

                var (group, min, max) = Alternation();
                return Next(')') ? (group, min, max, false) : throw Error("')' is missing");
            case '[':
                return (Class(), 1, 1, false);
            case '.':
                _position++;
                return (new PatternNode.Any(), 1, 1, false);
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

    private (PatternNode Node, int Min, int Max, bool IsBlank) Literal()
    {
        var length = char.IsHighSurrogate(source[_position]) && _position + 1 < source.Length ? 2 : 1;
        var literal = Read(source.Substring(_position, length));
        if (literal.Length == 0)
        {
            throw Error("this character is invisible, so no text ever has it here. Leave it out");
        }

        _position += length;
        return (literal.Length == 1 ? PatternNode.Literal.Of(literal[0]) : new PatternNode.Sequence([.. literal.Select(static c => PatternNode.Literal.Of(c))]), literal.Length, literal.Length, literal is " " or "\n");
    }

    private (PatternNode Node, int Min, int Max, bool IsBlank) Escape()
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
                return (new PatternNode.Edge(), 0, 0, false);
            case 's':
                return (new PatternNode.Set('s'), 1, 1, true);
            case 'S' or 'd' or 'D' or 'w' or 'W':
                return (new PatternNode.Set(c), 1, 1, false);
            case 'n' or 'r' or 't':
                return (PatternNode.Literal.Of(Blank(c)), 1, 1, true);
            default:
                if (!Punctuation.Contains(c, StringComparison.Ordinal))
                {
                    _position--;
                    throw Error($"'\\{c}' is not of the language. Use \\s \\S \\d \\D \\w \\W \\b \\n, or '\\' before punctuation");
                }

                return (PatternNode.Literal.Of(c), 1, 1, false);
        }
    }

    private PatternNode.Class Class()
    {
        var open = _position++;
        var isNegated = Next('^');
        var ranges = new List<(char From, char To)>();
        var sets = "";
        while (!Next(']'))
        {
            if (_position >= source.Length)
            {
                _position = open;
                throw Error("']' is missing");
            }

            var from = Member(out var isSet);
            if (isSet)
            {
                sets += from;
                continue;
            }

            var to = from;
            if (_position + 1 < source.Length && source[_position] == '-' && source[_position + 1] != ']')
            {
                _position++;
                to = Member(out var endsInSet);
                if (endsInSet || to < from)
                {
                    throw Error("a range in a class goes from a character to a later one");
                }
            }

            ranges.Add((from, to));
        }

        if (ranges.Count == 0 && sets.Length == 0)
        {
            _position = open;
            throw Error("an empty class matches nothing");
        }

        return new(isNegated, ranges, sets);
    }

    /// <summary>A character, or the name of a set.</summary>
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
                isSet = true;
                return c;
            }

            if (c is 'n' or 'r' or 't')
            {
                c = Blank(c);
            }
            else if (!Punctuation.Contains(c, StringComparison.Ordinal))
            {
                throw Error($"'\\{c}' is not of the language inside a class");
            }
        }

        var folded = Read(c.ToString());
        if (folded.Length != 1)
        {
            _position--;
            throw Error("this character cannot stand in a class. Use '(a|b)' instead");
        }

        return folded[0];
    }

    /// <summary>The character of an escape; canonical texts have no other blanks than two.</summary>
    private char Blank(char escape) => escape switch
    {
        't' => isExact ? '\t' : ' ',
        'r' => isExact ? '\r' : '\n',
        _ => '\n',
    };

    private string Read(string character) => isExact ? character : Fold(character);

    /// <summary>A character as texts have it: a Latin letter that looks like an ASCII one is that one beside others.</summary>
    private static string Fold(string character) =>
        CanonicalText.Fold(character) is [>= '\u0080' and < '\u0250' and var c] && Confusables.Letter(c) is var ascii and not '\0' ? ascii.ToString() : CanonicalText.Fold(character);

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
