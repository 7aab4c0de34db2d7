using System.Text.Json;

namespace Aegis.Cli;

/// <summary>Files of one JSON object a line; empty lines do not count.</summary>
internal static class JsonLines
{
    /// <summary>Stands for the input, where a file is asked for.</summary>
    public const string Input = "-";

    private const int MaxErrors = 20;

    /// <summary>Every row of a file.</summary>
    /// <param name="path">The file, or <see cref="Input"/>.</param>
    /// <param name="read">Reads a row.</param>
    /// <exception cref="FormatException">The file is no text, or lines are no such rows; all of them are named, a line each.</exception>
    public static IReadOnlyList<T> Read<T>(string path, Func<JsonRow, T> read)
    {
        var rows = new List<T>();
        var errors = new List<string>();
        var source = path == Input ? "(input)" : path;
        foreach (var (index, line) in Lines(path).Index().Where(static line => !string.IsNullOrWhiteSpace(line.Item)))
        {
            try
            {
                using var document = JsonDocument.Parse(line);
                rows.Add(read(new(document.RootElement)));
            }
            catch (JsonException e)
            {
                errors.Add(FormattableString.Invariant($"{source}:{index + 1}:{(e.BytePositionInLine ?? 0) + 1}: is not JSON."));
            }
            catch (InvalidOperationException)
            {
                errors.Add(FormattableString.Invariant($"{source}:{index + 1}: has half a character (a lone surrogate) where no text is scanned."));
            }
            catch (FormatException e)
            {
                errors.Add(FormattableString.Invariant($"{source}:{index + 1}: {e.Message}"));
            }
        }

        if (errors.Count > MaxErrors)
        {
            errors = [.. errors.Take(MaxErrors), FormattableString.Invariant($"{source}: {errors.Count - MaxErrors} more lines are wrong.")];
        }

        return errors.Count == 0 ? rows : throw new FormatException(string.Join(Environment.NewLine, errors));
    }

    private static IEnumerable<string> Lines(string path)
    {
        var reader = path == Input ? Console.In : new StringReader(TextFile.Read(path));
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
