using System.Globalization;

namespace Aegis.Auditing;

/// <summary>The files of a log: the one that is written, and those that were finished, whoever has renamed them.</summary>
internal static class AuditFiles
{
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
        return [.. Siblings(path).Where(file => Path.GetFileName(file) is var name && name.Length >= stem.Length + 12 + extension.Length && name.StartsWith(stem, StringComparison.Ordinal) && name.EndsWith(extension, StringComparison.Ordinal)
            && name[stem.Length..^extension.Length] is var number && number.Length >= 12 && number.AsSpan(0, 12).IndexOfAnyExceptInRange('0', '9') < 0 && (number.Length == 12 || number[12] == '-')).Order(StringComparer.Ordinal)];
    }

    /// <summary>All files of a log in the order of their records: the one that is written, the finished ones, and those to whose names others have added something, if they begin like one.</summary>
    public static IReadOnlyList<string> Of(string path)
    {
        var whole = Path.GetFullPath(path);
        var name = Path.GetFileName(whole);
        var finished = FinishedOf(path).ToHashSet(StringComparer.Ordinal);
        return [.. Siblings(whole).Where(file => finished.Contains(file) || (Path.GetFileName(file).StartsWith(name, StringComparison.Ordinal) && !Array.Exists(Others, other => file.EndsWith(other, StringComparison.Ordinal))))
            .Select(file => (File: file, First: FirstOf(file), IsNamed: string.Equals(file, whole, StringComparison.Ordinal)))
            .Where(file => file.First is not null || file.IsNamed || finished.Contains(file.File))
            .OrderBy(static file => file.First ?? long.MaxValue).ThenBy(static file => file.IsNamed).ThenBy(static file => file.File, StringComparer.Ordinal)
            .Select(static file => file.File)];
    }

    /// <summary>Opens a file that somebody else may be writing, renaming or deleting.</summary>
    public static FileStream Open(string path) => new(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });

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
