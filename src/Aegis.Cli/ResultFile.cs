using System.CommandLine;

namespace Aegis.Cli;

/// <summary>Files that a command writes.</summary>
internal static class ResultFile
{
    /// <summary>Refuses results that would overwrite what they are the results of.</summary>
    public static void KeepApart(Command command, Option results, Option source) => command.Validators.Add(words =>
    {
        if (words.GetValue<string>(results.Name) is { } to && words.GetValue<string>(source.Name) is { } from && from != JsonLines.Input && string.Equals(Path.GetFullPath(to), Path.GetFullPath(from), Comparison))
        {
            words.AddError($"{results.Name} and {source.Name} name the same file: its rows would be overwritten. Give {results.Name} another one.");
        }
    });

    private static StringComparison Comparison => OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
}
