using System.Text;

namespace Aegis.Flow.Reading;

/// <summary>Fields of a text that is one value of JSON or of Python, which many tools print: both kinds of quotes, <c>True</c>, <c>None</c>, tuples. Linear; whatever does not fit makes the whole text no data.</summary>
internal sealed class LiteralFields
{
    private const int MaxDepth = 64;

    private readonly string _text;
    private readonly List<ResultField> _fields;
    private readonly Stack<(string List, int Record)> _outer = new([("", -1)]);
    private int _at;
    private int _records;

    private LiteralFields(string text, List<ResultField> fields, int records)
    {
        _text = text;
        _fields = fields;
        _records = records;
    }

    public static bool TryRead(string text, List<ResultField> fields)
    {
        var records = 0;
        return TryRead(text, fields, ref records);
    }

    public static bool TryRead(string text, List<ResultField> fields, ref int records)
    {
        var start = text.AsSpan().TrimStart();
        if (start.IsEmpty || start[0] is not ('{' or '[' or '('))
        {
            return false;
        }

        var reader = new LiteralFields(text, fields, records);
        reader.Space();
        if (!reader.Value("", -1, 0))
        {
            return false;
        }

        reader.Space();
        records = reader._records;
        return reader._at == text.Length;
    }

    public static void Add(List<ResultField> fields, string name, string value, int record, (string List, int Record) outer = default)
    {
        if (value.Length is > 0 and <= ResultReader.MaxValue && fields.Count < ResultReader.MaxFields)
        {
            fields.Add(new(name, value, record) { Within = outer.List ?? "", Outer = outer.List is { Length: > 0 } ? outer.Record : -1 });
        }
    }

    /// <summary>A key that is no name of a field is what the record is about.</summary>
    public static void AddKey(List<ResultField> fields, string key, int record)
    {
        if (key.AsSpan().ContainsAny(' ', '@', '.') || (key.Length > 0 && char.IsUpper(key[0])) || (key.Length > 0 && char.IsAsciiDigit(key[0])))
        {
            Add(fields, "", key, record);
        }
    }

    private bool Value(string name, int record, int depth)
    {
        if (_at >= _text.Length || depth > MaxDepth)
        {
            return false;
        }

        switch (_text[_at])
        {
            case '{':
                return Map(name, record, depth);
            case '[' or '(':
                return List(name, record, depth, _text[_at] == '[' ? ']' : ')');
            case '\'' or '"':
                if (!Text(out var text))
                {
                    return false;
                }

                Add(_fields, name, text, Math.Max(0, record), _outer.Peek());
                return true;
            default:
                var from = _at;
                while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '+' or '-' or '.' or '_'))
                {
                    _at++;
                }

                var word = _text.AsSpan(from, _at - from);
                if (word.IsEmpty)
                {
                    return false;
                }

                if (char.IsAsciiDigit(word[^1]) && !char.IsAsciiLetter(word[0]))
                {
                    Add(_fields, name, word.ToString(), Math.Max(0, record), _outer.Peek());
                    return true;
                }

                return word is "true" or "false" or "null" or "True" or "False" or "None" or "NaN" or "nan";
        }
    }

    /// <summary>An object inside another one is a part of it; one of a list is a record of its own.</summary>
    private bool Map(string name, int outer, int depth)
    {
        var record = outer < 0 ? _records++ : outer;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        _at++;
        for (Space(); ; Space())
        {
            if (Take('}'))
            {
                return true;
            }

            if (seen.Count > 0 && !Take(','))
            {
                return false;
            }

            Space();
            if (Take('}'))
            {
                return true;
            }

            string key;
            if (_at < _text.Length && _text[_at] is '\'' or '"')
            {
                if (!Text(out key))
                {
                    return false;
                }
            }
            else
            {
                var from = _at;
                while (_at < _text.Length && char.IsAsciiLetterOrDigit(_text[_at]))
                {
                    _at++;
                }

                key = _text[from.._at];
            }

            Space();
            if (key.Length == 0 || !seen.Add(key) || !Take(':'))
            {
                return false;
            }

            AddKey(_fields, key, record);
            Space();
            if (!Value(outer < 0 || name.Length == 0 ? key : $"{name}_{key}", record, depth + 1))
            {
                return false;
            }
        }
    }

    private bool List(string name, int record, int depth, char end)
    {
        _at++;
        _outer.Push((name, record));
        for (var first = true; ; first = false)
        {
            Space();
            if (Take(end))
            {
                _outer.Pop();
                return true;
            }

            if (!first && !Take(','))
            {
                return false;
            }

            Space();
            if (Take(end))
            {
                _outer.Pop();
                return true;
            }

            if (!Value(name, _at < _text.Length && _text[_at] == '{' ? -1 : record, depth + 1))
            {
                return false;
            }
        }
    }

    private bool Text(out string value)
    {
        var quote = _text[_at++];
        var from = _at;
        StringBuilder? decoded = null;
        while (_at < _text.Length && _text[_at] != quote)
        {
            if (_text[_at] is '\n' or '\r')
            {
                break;   // neither language lets one stand here
            }

            if (_text[_at] == '\\')
            {
                decoded ??= new StringBuilder().Append(_text, from, _at - from);
                if (++_at >= _text.Length)
                {
                    break;
                }

                if (_text[_at] is 'u' or 'x')
                {
                    var digits = _text[_at] == 'u' ? 4 : 2;
                    if (_at + digits >= _text.Length || !ushort.TryParse(_text.AsSpan(_at + 1, digits), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out var code))
                    {
                        break;
                    }

                    decoded.Append((char)code);
                    _at += digits;
                }
                else
                {
                    decoded.Append(_text[_at] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var c => c });
                }
            }
            else
            {
                decoded?.Append(_text[_at]);
            }

            _at++;
        }

        if (_at >= _text.Length || _text[_at] != quote)
        {
            value = "";
            return false;
        }

        value = decoded?.ToString() ?? _text[from.._at];
        _at++;
        return true;
    }

    private void Space()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }
    }

    private bool Take(char c)
    {
        if (_at < _text.Length && _text[_at] == c)
        {
            _at++;
            return true;
        }

        return false;
    }
}
