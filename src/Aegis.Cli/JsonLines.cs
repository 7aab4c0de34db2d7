namespace Aegis.Cli;

/// <summary>Files of one JSON value a line; empty lines do not count.</summary>
internal static class JsonLines
{
    /// <param name="path">The file.</param>
    /// <param name="parse">Reads a line, given with its number from 1.</param>
    public static IEnumerable<T> Read<T>(string path, Func<string, int, T> parse) =>
        File.ReadLines(path).Index().Where(static line => line.Item.AsSpan().Trim().Length > 0).Select(line => parse(line.Item, line.Index + 1));
}
