using Aegis.Policies;
using Aegis.Scanning.Normalizing;

namespace Aegis.Tools.Arguments;

/// <summary>Which commands may be run. Immutable.</summary>
internal sealed class CommandRule
{
    private static readonly string[] Extensions = [".exe", ".cmd", ".bat", ".com", ".ps1"];

    private readonly string[][]? _allow;
    private readonly string[][] _deny;
    private readonly ShellParts _parts;

    public CommandRule(ArgumentCommandPolicy policy)
    {
        _allow = policy.Allow?.Select(static entry => Words(entry)!).ToArray();
        _deny = [.. policy.Deny.Select(static entry => Words(entry)!).Select(static words => (string[])[ProgramOf(words[0]), .. words[1..]])];
        foreach (var part in policy.Shell)
        {
            _parts |= PartOf(part);
        }
    }

    /// <summary>The words of an entry, null when it is no plain list of words.</summary>
    public static string[]? Words(string entry) =>
        CommandLine.TryRead(entry, out var line) is null && line is { Parts: ShellParts.None, Commands: [var words] } ? [.. words.Select(static word => word.Text)] : null;

    /// <summary>What a word of <c>shell</c> stands for.</summary>
    public static ShellParts PartOf(string word) => word switch
    {
        "pipe" => ShellParts.Pipe,
        "chain" => ShellParts.Chain,
        "redirect" => ShellParts.Redirect,
        "expand" => ShellParts.Expand,
        _ => ShellParts.None,
    };

    /// <summary>Adds what does not hold for a command line.</summary>
    public void Check(string text, ArgumentRule rule, ArgumentFindings findings)
    {
        if (CommandLine.TryRead(text, out var line) is { } mistake)
        {
            rule.Fail(findings, "arguments/command", "command", mistake, isUnreadable: true);
            return;
        }

        if ((line.Parts & ~_parts) != 0)
        {
            rule.Fail(findings, "arguments/command", "command.shell", "is more than plain words");
        }

        foreach (var words in line.Commands)
        {
            if (!words[0].IsPlain || _allow?.Any(entry => Begins(words, entry)) == false)
            {
                rule.Fail(findings, "arguments/command", "command.allow", "is another program, or has other first arguments");
            }

            if (_deny.Length > 0 && IsDenied(words))
            {
                rule.Fail(findings, "arguments/command", "command.deny", "is denied");
            }
        }
    }

    private static bool Begins(IReadOnlyList<CommandWord> words, string[] entry)
    {
        for (var i = 0; i < entry.Length; i++)
        {
            if (i >= words.Count || !words[i].IsPlain || !string.Equals(words[i].Text, entry[i], StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Programs run programs, so that a denied one is looked for at every word; what a shell puts in a word's place may be anything.</summary>
    private bool IsDenied(IReadOnlyList<CommandWord> words)
    {
        if (words.Any(static word => !word.IsPlain))
        {
            return true;
        }

        string[] programs = [.. words.Select(static word => ProgramOf(word.Text))];
        foreach (var entry in _deny)
        {
            var start = Array.FindIndex(programs, program => string.Equals(program, entry[0], StringComparison.Ordinal));
            var next = 1;
            for (var i = start + 1; start >= 0 && i < words.Count && next < entry.Length; i++)
            {
                next += string.Equals(words[i].Text, entry[next], StringComparison.OrdinalIgnoreCase) ? 1 : 0;
            }

            if (start >= 0 && next == entry.Length)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A program as it is called from anywhere: without its folder and extension, as it looks.</summary>
    private static string ProgramOf(string word)
    {
        var name = Confusables.Skeleton(word[(word.AsSpan().LastIndexOfAny('/', '\\') + 1)..]);
        return Array.Find(Extensions, extension => name.EndsWith(extension, StringComparison.Ordinal)) is { } end ? name[..^end.Length] : name;
    }
}
