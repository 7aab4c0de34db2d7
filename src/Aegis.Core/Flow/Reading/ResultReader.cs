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
        return (data is { ValueKind: JsonValueKind.Object or JsonValueKind.Array } element && JsonFields.TryRead(element, fields))
            || LiteralFields.TryRead(text, Emptied(fields))
            || BlockFields.TryRead(text, Emptied(fields))
            ? fields
            : Emptied(fields);
    }

    /// <summary>The items of a plain list: short lines without a sentence, for tools that return nothing else.</summary>
    public static List<ResultField> ReadItems(string text)
    {
        var items = new List<ResultField>();
        foreach (var line in text.Split('\n'))
        {
            var item = line.AsSpan().Trim().TrimStart("-*•").Trim();
            var label = item.IndexOf(':');
            item = label > 0 && label < item.Length - 1 && item[label + 1] == ' ' ? item[(label + 2)..].Trim() : item;
            if (item.Length > 4 * MaxValue || item.ContainsAny('.', '!', '?') && item.Contains(". ", StringComparison.Ordinal) || item.ContainsAny('!', '?'))
            {
                return [];   // somebody speaks
            }

            foreach (var part in item.Split(','))
            {
                var value = item[part].Trim();
                if (!value.IsEmpty && value.Length <= MaxValue && items.Count < MaxFields)
                {
                    items.Add(new("", value.ToString(), items.Count));
                }
            }
        }

        return items;
    }

    private static List<ResultField> Emptied(List<ResultField> fields)
    {
        fields.Clear();
        return fields;
    }
}
