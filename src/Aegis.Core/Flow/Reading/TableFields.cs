namespace Aegis.Flow.Reading;

/// <summary>Fields of a table: Markdown, or lines of values with commas between them under a line of names. Every line has as many cells as the first.</summary>
internal static class TableFields
{
    private const int MaxName = 40;

    public static bool TryRead(string text, List<ResultField> fields)
    {
        var lines = text.Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 0).ToList();
        if (lines.Count < 2)
        {
            return false;
        }

        var mark = lines[0].Contains('|') ? '|' : ',';
        var names = Cells(lines[0], mark);
        if (names.Length < 2 || !Array.TrueForAll(names, IsName))
        {
            return false;
        }

        for (var i = 1; i < lines.Count; i++)
        {
            if (lines[i].AsSpan().ContainsAnyExcept("|-: +"))
            {
                var cells = Cells(lines[i], mark);
                if (cells.Length != names.Length)
                {
                    return false;
                }

                for (var cell = 0; cell < cells.Length; cell++)
                {
                    LiteralFields.Add(fields, names[cell], cells[cell].Trim('"'), i);
                }
            }
        }

        return fields.Count > 0;
    }

    private static string[] Cells(string line, char mark) => (mark == '|' ? line.Trim('|') : line).Split(mark, StringSplitOptions.TrimEntries);

    private static bool IsName(string cell) => cell.Length is > 0 and <= MaxName && char.IsLetter(cell[0]) && !cell.AsSpan().ContainsAny(".!?@:");
}
