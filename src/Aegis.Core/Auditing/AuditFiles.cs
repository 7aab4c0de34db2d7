using System.Globalization;

namespace Aegis.Auditing;

/// <summary>The files of a log: the one that is written, and those that were finished, whoever has renamed them.</summary>
internal static class AuditFiles
{
    private const int LeastDigits = 12;

    private static readonly string[] Others = [".lock", ".torn"];

    private static ReadOnlySpan<byte> Header => ",\"type\":\"audit_file\""u8;

    /// <summary>The name of a finished file: the number of its first record stands in it.</summary>
    public static string Finished(string path, long first, int again = 0) => Path.Combine(
        Path.GetDirectoryName(Path.GetFullPath(path))!,
        string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(path)}.{first:D12}{(again == 0 ? "" : $"-{again}")}{Path.GetExtension(path)}"));

    /// <summary>Finished files under names of ours, oldest first.</summary>
    public static IReadOnlyList<string> FinishedOf(string path)
    {
        var (stem, extension) = (Path.GetFileNameWithoutExtension(path) + ".", Path.GetExtension(path));
        return [.. Siblings(path).Select(file => (File: file, Place: PlaceOf(Path.GetFileName(file), stem, extension))).Where(static file => file.Place is not null)
            .OrderBy(static file => file.Place).ThenBy(static file => file.File, StringComparer.Ordinal).Select(static file => file.File)];
    }

    /// <summary>Those of them that begin with the record that their name says: a copy that somebody else has named so is none.</summary>
    public static IReadOnlyList<string> OwnOf(string path)
    {
        var (stem, extension) = (Path.GetFileNameWithoutExtension(path) + ".", Path.GetExtension(path));
        return [.. FinishedOf(path).Where(file => PlaceOf(Path.GetFileName(file), stem, extension)?.First == FirstOf(file))];
    }

    /// <summary>All files of a log in the order of their records: the one that is written, the finished ones, and those to whose names others have added something, if they begin like one.</summary>
    public static IReadOnlyList<string> Of(string path)
    {
        var whole = Path.GetFullPath(path);
        var name = Path.GetFileName(whole);
        var finished = FinishedOf(path).Index().ToDictionary(static file => file.Item, static file => file.Index, StringComparer.Ordinal);
        return [.. Siblings(whole).Where(file => finished.ContainsKey(file) || (Path.GetFileName(file).StartsWith(name, StringComparison.Ordinal) && !Array.Exists(Others, other => file.EndsWith(other, StringComparison.Ordinal))))
            .Select(file => (File: file, First: FirstOf(file), IsNamed: string.Equals(file, whole, StringComparison.Ordinal)))
            .Where(file => file.First is not null || file.IsNamed || finished.ContainsKey(file.File))
            .OrderBy(static file => file.First ?? long.MaxValue).ThenBy(static file => file.IsNamed).ThenBy(file => finished.GetValueOrDefault(file.File, int.MaxValue)).ThenBy(static file => file.File, StringComparer.Ordinal)
            .Select(static file => file.File)];
    }

    /// <summary>Opens a file that somebody else may be writing, renaming or deleting.</summary>
    public static FileStream Open(string path) => new(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });

    /// <summary>What a name says: the number of the first record, and how often that was taken already; null: it is no name of ours.</summary>
    private static (long First, long Again)? PlaceOf(string name, string stem, string extension)
    {
        if (name.Length < stem.Length + LeastDigits + extension.Length || !name.StartsWith(stem, StringComparison.Ordinal) || !name.EndsWith(extension, StringComparison.Ordinal))
        {
            return null;
        }

        var number = name.AsSpan()[stem.Length..^extension.Length];
        var end = number.IndexOfAnyExceptInRange('0', '9') is >= 0 and var other ? other : number.Length;
        if (end < LeastDigits || (end < number.Length && number[end] != '-') || !long.TryParse(number[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var first))
        {
            return null;
        }

        return (first, end == number.Length ? 0 : long.TryParse(number[(end + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var again) ? again : long.MaxValue);
    }

    private static string[] Siblings(string path) =>
        Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && Directory.Exists(folder) ? Directory.GetFiles(folder) : [];

    private static long? FirstOf(string file)
    {
        try
        {
            using var stream = Open(file);
            return new AuditLineReader(stream).TryRead(out var line) && AuditLine.TryParse(line, out var parsed) && parsed.Body.IndexOf(Header) > 0 ? parsed.Sequence : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
