using System.Text.Json;

namespace Aegis.Flow.Reading;

/// <summary>
/// The fields of what a tool returned. Only what reads as data from the first character to the last has fields: a text that holds something like
/// a field somewhere is a text, for whoever wrote it may have written the field too.
/// </summary>
internal static class ResultReader
{
    /// <summary>Fields of one result, at most; what stands behind them is text.</summary>
    public const int MaxFields = 2_048;

    /// <summary>Characters of a field, at most; a longer one is text.</summary>
    public const int MaxValue = 256;

    public static List<ResultField> Read(string text, JsonElement? data)
    {
        var fields = new List<ResultField>();
        return (data is { } element && TryRead(element, fields))
            || LiteralFields.TryRead(text, Emptied(fields))
            || BlockFields.TryRead(text, Emptied(fields))
            ? fields
            : Emptied(fields);
    }

    /// <summary>The same for tools that return what nobody but the app writes, so that a sentence before the data, a fence around it or a table does no harm.</summary>
    public static List<ResultField> ReadLoosely(string text)
    {
        var fields = new List<ResultField>();
        var data = TextAround.Removed(text);
        return TableFields.TryRead(data, fields) || (data.Length < text.Length && (LiteralFields.TryRead(data, Emptied(fields)) || BlockFields.TryRead(data, Emptied(fields)))) ? fields : Emptied(fields);
    }

    /// <summary>The items of a plain list: short lines without a sentence, for tools that return nothing else.</summary>
    public static List<ResultField> ReadItems(string text)
    {
        var items = new List<ResultField>();
        var record = 0;
        foreach (var line in text.Split('\n'))
        {
            var item = line.AsSpan().Trim().TrimStart("-*•").Trim();
            var number = item.IndexOfAnyExceptInRange('0', '9');
            item = number is > 0 and < 4 && (item[number] is '.' or ')') && item.Length > number + 1 && item[number + 1] == ' ' ? item[(number + 2)..].Trim() : item;
            var label = item.IndexOf(':');
            item = label > 0 && label < item.Length - 1 && item[label + 1] == ' ' ? item[(label + 2)..].Trim() : item;
            if (item.Length > 4 * MaxValue || item.ContainsAny('.', '!', '?') && item.Contains(". ", StringComparison.Ordinal) || item.ContainsAny('!', '?'))
            {
                return [];   // somebody speaks
            }

            foreach (var part in item.SplitAny(",()"))
            {
                var value = item[part].Trim();
                if (!value.IsEmpty && value.Length <= MaxValue && items.Count < MaxFields)
                {
                    items.Add(new("", value.ToString(), record));
                }
            }

            record++;
        }

        return items;
    }

    private static bool TryRead(JsonElement data, List<ResultField> fields)
    {
        try
        {
            return data.ValueKind is JsonValueKind.Object or JsonValueKind.Array && JsonFields.TryRead(data, fields);
        }
        catch (Exception e) when (e is InvalidOperationException or ObjectDisposedException)
        {
            return false;   // half a surrogate pair, or a document that is gone
        }
    }

    private static List<ResultField> Emptied(List<ResultField> fields)
    {
        fields.Clear();
        return fields;
    }
}
