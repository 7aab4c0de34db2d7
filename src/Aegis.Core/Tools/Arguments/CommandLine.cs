using System.Globalization;
using System.Text;

namespace Aegis.Tools.Arguments;

/// <summary>A command line in words, by the quoting of POSIX shells. One pass.</summary>
internal sealed class CommandLine
{
    public const int MaxLength = 8_192;

    private const string NameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

    private readonly string _text;
    private readonly List<List<CommandWord>> _commands = [[]];
    private readonly StringBuilder _word = new();
    private bool _hasWord;
    private bool _isPlain = true;
    private bool _isQuoted;
    private bool _isTarget;
    private string? _mistake;

    private CommandLine(string text) => _text = text;

    /// <summary>The commands, each a program and its arguments. At least one word each.</summary>
    public IReadOnlyList<IReadOnlyList<CommandWord>> Commands => _commands;

    /// <summary>What it uses besides words.</summary>
    public ShellParts Parts { get; private set; }

    /// <summary>Reads a command line.</summary>
    /// <param name="text">The text.</param>
    /// <param name="line">The line.</param>
    /// <returns>Why it cannot be read; null when it can.</returns>
    public static string? TryRead(string text, out CommandLine line)
    {
        line = new(text);
        return line.Read();
    }

    private string? Read()
    {
        if (_text.Length is 0 or > MaxLength || !LookAlikeMarks.IsText(_text))
        {
            return "is empty, too long or no text";
        }

        foreach (var rune in _text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format || (!rune.IsAscii && Rune.IsWhiteSpace(rune)) || LookAlikeMarks.IsOfShell(rune))
            {
                return "has a line break, or a character that cannot be seen or looks like a mark of a shell";
            }
        }

        for (var i = 0; i < _text.Length && _mistake is null; i++)
        {
            i = Next(i);
        }

        EndWord();
        if (_isTarget)
        {
            _mistake ??= "redirects to nothing";
        }

        return _mistake ?? (_commands.Exists(static command => command.Count == 0) ? "has a command without words" : null);
    }

    /// <summary>Reads what begins at a place and returns its last one.</summary>
    private int Next(int i)
    {
        switch (_text[i])
        {
            case ' ':
                EndWord();
                return i;
            case '\'':
                return Single(i);
            case '"':
                return Double(i);
            case '\\':
                if (i + 1 == _text.Length)
                {
                    _mistake = "ends in a backslash";
                    return i;
                }

                Append(_text[i + 1], isQuoted: true);
                return i + 1;
            case '$' or '`':
                return Dollar(i);
            case '|':
                return Operator(i, Follows(i, '|') ? ShellParts.Chain : Follows(i, '&') ? ShellParts.Other : ShellParts.Pipe, Follows(i, '|') || Follows(i, '&') ? 2 : 1);
            case '&':
                return Follows(i, '>') ? Redirect(i + 1) : Follows(i, '&') ? Operator(i, ShellParts.Chain, 2) : Background(i);
            case ';':
                return Operator(i, Follows(i, ';') || Follows(i, '&') ? ShellParts.Other : ShellParts.Chain, 1);
            case '<' or '>':
                return Redirect(i);
            case '(' or ')':
                Parts |= ShellParts.Other;
                EndWord();
                return i;
            case '*' or '?' or '[' or ']' or '{' or '}':
                Parts |= ShellParts.Expand;
                _isPlain = false;
                Append(_text[i]);
                return i;
            case '~' when !_hasWord || (_word.Length > 0 && _word[^1] is '=' or ':'):
                Parts |= ShellParts.Expand;
                _isPlain = false;
                Append('~');
                return i;
            case '#' when !_hasWord:
                Parts |= ShellParts.Other;   // a comment: the rest is not run
                Append('#');
                return i;
            case '!' when !_hasWord && (i + 1 == _text.Length || _text[i + 1] == ' '):
                Parts |= ShellParts.Other;
                Append('!');
                return i;
            case '=' when !_isQuoted && _commands[^1].Count == 0 && IsName(_word):
                Parts |= ShellParts.Other;   // NAME=value before a program changes what it does
                Append('=');
                return i;
            default:
                Append(_text[i]);
                return i;
        }
    }

    private int Single(int i)
    {
        var end = _text.IndexOf('\'', i + 1);
        if (end < 0)
        {
            _mistake = "has a quote without an end";
            return i;
        }

        _hasWord = _isQuoted = true;
        _word.Append(_text, i + 1, end - i - 1);
        return end;
    }

    private int Double(int i)
    {
        _hasWord = _isQuoted = true;
        for (i++; i < _text.Length && _text[i] != '"'; i++)
        {
            if (_text[i] == '\\' && i + 1 < _text.Length && _text[i + 1] is '$' or '`' or '"' or '\\')
            {
                _word.Append(_text[++i]);
            }
            else if (_text[i] is '$' or '`')
            {
                i = Dollar(i, isQuoted: true);
            }
            else
            {
                _word.Append(_text[i]);
            }
        }

        if (i == _text.Length)
        {
            _mistake = "has a quote without an end";
        }

        return i;
    }

    private int Dollar(int i, bool isQuoted = false)
    {
        var next = i + 1 < _text.Length ? _text[i + 1] : ' ';
        if (_text[i] == '`' || next == '(' || (!isQuoted && next is '\'' or '"') || (next == '{' && !_text.AsSpan(i + 2).TrimStart(NameCharacters).StartsWith("}")))
        {
            Parts |= ShellParts.Other;
        }
        else if (char.IsAsciiLetterOrDigit(next) || next is '_' or '{' or '@' or '*' or '#' or '?' or '-' or '$' or '!' or '[')
        {
            Parts |= next == '[' ? ShellParts.Other : ShellParts.Expand;
        }
        else
        {
            Append(_text[i], isQuoted);
            return i;
        }

        _isPlain = false;
        Append(_text[i], isQuoted);
        return i;
    }

    private int Operator(int i, ShellParts part, int length)
    {
        EndWord();
        if (_isTarget)
        {
            _mistake = "redirects to nothing";
        }

        Parts |= part;
        _commands.Add([]);
        return i + length - 1;
    }

    /// <summary>A command that goes on while the next one runs; at the end there is none.</summary>
    private int Background(int i)
    {
        Operator(i, ShellParts.Chain, 1);
        if (_text.AsSpan(i + 1).Trim(' ').IsEmpty && _commands.Count > 1)
        {
            _commands.RemoveAt(_commands.Count - 1);
            return _text.Length;
        }

        return i;
    }

    private int Redirect(int i)
    {
        // A number before it says which stream, and is no argument.
        if (!_isQuoted && _word.Length > 0 && IsDigits(_word))
        {
            _word.Clear();
            _hasWord = false;
        }

        EndWord();
        if (_isTarget)
        {
            _mistake = "redirects to nothing";
        }

        Parts |= ShellParts.Redirect;
        _isTarget = true;
        if (Follows(i, '(') || (_text[i] == '<' && Follows(i, '<')))
        {
            Parts |= ShellParts.Other;
        }

        return Follows(i, '>') || Follows(i, '<') || Follows(i, '|') || Follows(i, '&') ? i + 1 : i;
    }

    private bool Follows(int i, char c) => i + 1 < _text.Length && _text[i + 1] == c;

    private void Append(char c, bool isQuoted = false)
    {
        _word.Append(c);
        _hasWord = true;
        _isQuoted |= isQuoted;
    }

    private void EndWord()
    {
        if (_hasWord && _isTarget)
        {
            _isTarget = false;   // a file, no argument
        }
        else if (_hasWord)
        {
            _commands[^1].Add(new(_word.ToString(), _isPlain));
        }

        _word.Clear();
        (_hasWord, _isPlain, _isQuoted) = (false, true, false);
    }

    private static bool IsName(StringBuilder word)
    {
        for (var i = 0; i < word.Length; i++)
        {
            if (!(char.IsAsciiLetter(word[i]) || word[i] is '_' or '+' || (i > 0 && char.IsAsciiDigit(word[i]))))
            {
                return false;
            }
        }

        return word.Length > 0;
    }

    private static bool IsDigits(StringBuilder word)
    {
        for (var i = 0; i < word.Length; i++)
        {
            if (!char.IsAsciiDigit(word[i]))
            {
                return false;
            }
        }

        return true;
    }
}
