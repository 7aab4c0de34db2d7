namespace Aegis.Tools.Arguments;

/// <summary>What of a shell a command line uses.</summary>
[Flags]
internal enum ShellParts
{
    /// <summary>Nothing: words only.</summary>
    None = 0,

    /// <summary>The output of one command is the input of the next.</summary>
    Pipe = 1,

    /// <summary>Commands one after the other.</summary>
    Chain = 2,

    /// <summary>A file is read or written.</summary>
    Redirect = 4,

    /// <summary>Variables, names of files and lists take a word's place.</summary>
    Expand = 8,

    /// <summary>What no rule can allow, because it holds commands that are not read: substitution, subshells, groups, here-documents, assignments.</summary>
    Other = 16,
}
