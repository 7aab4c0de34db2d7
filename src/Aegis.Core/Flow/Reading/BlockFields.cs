namespace Aegis.Flow.Reading;

/// <summary>Fields of a text in block style, as YAML and many tools print records: <c>key: value</c> lines, records that begin with a dash, deeper lines that go on with a value. One line that is none of it makes the whole text no data, and so does a key that a record has twice.</summary>
internal static class BlockFields
{
    private const int MaxKey = 40;
    private const int MaxLines = 8;

    public static bool TryRead(string text, List<ResultField> fields)
    {
        var lines = text.Split('\n');
        var record = 0;
        var keys = new HashSet<string>(StringComparer.Ordinal);
        var count = 0;
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].AsSpan().TrimEnd();
            if (line.IsEmpty)
            {
                if (i < lines.Length - 1)
                {
                    return false;
                }

                continue;
            }

            var indent = Indent(line);
            var rest = line[indent..];
            if (rest.StartsWith("- ", StringComparison.Ordinal) || rest is "-")
            {
                if (count > 0)
                {
                    record++;
                }

                keys.Clear();
                rest = rest.Length > 2 ? rest[2..].TrimStart() : [];
                indent += 2;
                if (KeyOf(rest) == 0)
                {
                    if (!Item(rest, fields, record))
                    {
                        return false;
                    }

                    count++;
                    continue;
                }
            }

            var colon = KeyOf(rest);
            if (colon == 0)
            {
                return false;
            }

            var key = rest[..colon].ToString();
            if (!keys.Add($"{indent}/{key}"))
            {
                return false;
            }

            count++;
            var value = rest[(colon + 1)..].Trim().ToString();
            var first = value.Length > 0 ? value[0] : ' ';
            var last = i;
            if (first is '\'' or '"' && !IsClosed(value, first))
            {
                do
                {
                    if (++last == lines.Length)
                    {
                        return false;
                    }
                }
                while (!IsClosed($"{first}{lines[last].Trim()}", first));
            }
            else
            {
                while (value.Length > 0 && last + 1 < lines.Length && !string.IsNullOrWhiteSpace(lines[last + 1]) && Indent(lines[last + 1]) > indent)
                {
                    last++;
                }
            }

            var isText = first is '|' or '>' || last - i > MaxLines;   // too long for a field
            value = isText || last == i ? value : string.Join(' ', [value, .. lines[(i + 1)..(last + 1)].Select(static more => more.Trim())]);
            i = last;
            if (first is '\'' or '"')
            {
                value = value.Length >= 2 ? first == '\'' ? value[1..^1].Replace("''", "'", StringComparison.Ordinal) : value[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal) : "";
            }

            if (value is ['[', .., ']'] or ['{', .., '}'])
            {
                if (!Items(value, key, record, fields))
                {
                    return false;
                }
            }
            else if (!isText)
            {
                LiteralFields.Add(fields, key, value, record);
            }
        }

        return count > 1;
    }

    private static bool Items(string value, string key, int record, List<ResultField> fields)
    {
        foreach (var item in value[1..^1].Split(','))
        {
            LiteralFields.Add(fields, key, item.Trim().Trim('\'', '"'), record);
        }

        return true;
    }

    private static bool Item(ReadOnlySpan<char> item, List<ResultField> fields, int record)
    {
        if (item.IsEmpty || item.Length > ResultReader.MaxValue)
        {
            return false;
        }

        LiteralFields.Add(fields, "", item.Trim().Trim("'\"").ToString(), record);
        return true;
    }

    /// <summary>Where the key ends; 0: there is none.</summary>
    private static int KeyOf(ReadOnlySpan<char> line)
    {
        var colon = line.IndexOf(':');
        if (colon is <= 0 or > MaxKey || (colon + 1 < line.Length && line[colon + 1] != ' '))
        {
            return 0;
        }

        foreach (var c in line[..colon])
        {
            if (!char.IsLetterOrDigit(c) && c is not ('_' or '-' or ' '))
            {
                return 0;
            }
        }

        return colon;
    }

    private static bool IsClosed(string value, char quote)
    {
        if (value.Length < 2 || value[^1] != quote)
        {
            return false;
        }

        var closing = 0;
        for (var i = value.Length - 1; i > 0 && value[i] == quote; i--)
        {
            closing++;
        }

        return quote == '\'' ? closing % 2 == 1 : value[^2] != '\\';
    }

    private static int Indent(ReadOnlySpan<char> line)
    {
        var indent = 0;
        while (indent < line.Length && line[indent] == ' ')
        {
            indent++;
        }

        return indent;
    }
}
