using Aegis.Policies;
using Aegis.Tools.Arguments;
using CsCheck;

namespace Aegis.Core.Tests.Tools.Arguments;

/// <summary>Promise P21, commands: rules see the words that a shell would make of a text, and refuse what is more than words.</summary>
public class CommandRuleTests
{
    private const string Refused = "Block arguments/command";

    private static readonly ArgumentPolicy Git = new() { Command = new() { Allow = ["ls", "git log", "git status", "echo", "/usr/bin/wc"] } };
    private static readonly ArgumentPolicy NoRm = new() { Command = new() { Deny = ["rm", "git push"] } };

    public static TheoryData<string> Honest =>
    [
        "ls", "ls -la", "ls  -l   /srv", "ls 'a b'", "ls \"a b\"", "ls a\\ b", "git log", "git log --oneline -n 5", "git status", "git 'log'", "g\"i\"t log", "echo 'a;b|c&d>e$f`g'", "echo \"it's\"", "echo 'say \"hi\"'", "echo a\\;b", "echo \"a;b|c\"", "echo \\$HOME", "echo \"\\$HOME\"", "echo 'x'\\''y'", "/usr/bin/wc -l a.txt", "echo a=b", "echo 100%", "echo a#b", "echo it,is:fine", "echo ''", "echo 日本", "echo $", "echo a$ b",
        "echo 'cost $5'", "echo 😀", " ls ",
    ];

    public static TheoryData<string> Hostile =>
    [
        // other programs, other first arguments
        "rm -rf /", "git", "git push", "git -c core.pager=x log", "git --exec-path=/tmp log", "git 'log '", "git logs", "lsx", "LS", "./ls", "/bin/ls", "wc", "'ls -la'", "git\\ log", "l's -la'", "env ls", "''", "' ls'", "\"\" ls",

        // chaining
        "ls; rm a", "ls;rm a", "ls && rm a", "ls&&rm a", "ls || rm a", "ls | sh", "ls|sh", "ls & rm a", "ls &", "ls |& sh", "ls ;", "; ls", "&& ls", "| ls", "ls ;; rm", "ls\nrm a", "ls\r\nrm a", "ls\rrm a", "ls \\\nrm", "ls\0rm", "(ls)", "(rm a)", "{ ls; }", "! ls", "ls # rm", "if ls", "ls\trm",

        // substitution and expansion
        "ls $(rm a)", "ls `rm a`", "ls \"$(rm a)\"", "ls \"`rm a`\"", "ls $HOME", "ls ${HOME}", "ls \"$HOME\"", "ls ${x:-$(rm a)}", "ls ${x@P}", "ls $((1+1))", "ls <(rm a)", "ls >(rm a)", "ls $'a'", "ls $\"a\"", "$(ls)", "`ls`", "$x ls", "ls *", "ls a?", "ls [a]", "ls ~", "ls ~root", "ls {a,b}", "ls $1", "ls $@", "ls $?", "ls $$", "ls $[1+1]", "l$x", "l?", "/???/wc",

        // redirects and here-documents
        "ls > a", "ls >a", "ls >> a", "ls < a", "ls 2> a", "ls 2>&1", "ls &> a", "ls >| a", "ls <> a", "ls << EOF", "ls <<< a", "ls >", "ls > ; rm", "> a ls", "ls >&2",

        // assignments
        "LD_PRELOAD=x ls", "PATH=. ls", "A=1 B=2 ls", "A+=1 ls", "A=1",

        // quotes without end, invisible and look-alike characters
        "ls 'a", "ls \"a", "ls \\", "ls \"a\\\"", "ls 'a'b'", "ls\u00a0-la", "ls\u2028rm", "ls \u200b", "l\u00ads", "ls ；rm a", "ls ｜ sh", "ls ＞ a", "ls ＄(rm)", "ls ＂a＂", "ls ＆ rm", "ｌs", "ls \u202erm", "ls \uFFFE", "\u001b[2Jls", "",
    ];

    public static TheoryData<string> Denied => ["rm a", "/bin/rm a", "RM a", "rm.exe a", @"'C:\bin\rm.EXE' a", "./rm", "sudo rm a", "env rm a", "xargs rm", "find . -exec rm a +", "'rm' a", "r\\m a", "r'm' a", "гm a", "git push", "git -C x push", "git PUSH", "/usr/bin/git push", "busybox rm a", "nice -n 5 rm a", "echo a; rm b", "echo $x", "$x"];

    [Theory, MemberData(nameof(Honest))]
    public void AnHonestCommandPasses(string command) => Assert.Equal("passes", Judged.By(Git, command));

    [Theory, MemberData(nameof(Hostile))]
    public void ACommandThatIsAnotherOrMoreThanWordsIsRefused(string command) => Assert.StartsWith(Refused, Judged.By(Git, command), StringComparison.Ordinal);

    [Theory, MemberData(nameof(Denied))]
    public void ADeniedProgramIsDeniedWhereverItStands(string command) => Assert.StartsWith(Refused, Judged.By(NoRm, command), StringComparison.Ordinal);

    [Theory]
    [InlineData("ls -la")]
    [InlineData("git log")]
    [InlineData("rmdir a")]
    [InlineData("echo 'rm a'")]
    public void OtherProgramsPassWhereOnlySomeAreDenied(string command) => Assert.Equal("passes", Judged.By(NoRm, command));

    [Theory]
    [InlineData("pipe", "ls | echo a", "ls | sh")]
    [InlineData("chain", "ls && git log; echo a || ls &", "ls && rm a")]
    [InlineData("redirect", "ls > a 2>&1", "ls > a | sh")]
    [InlineData("expand", "ls *.txt $HOME ${HOME} ~/a {a,b} \"$HOME\"", "l* a")]
    public void PartsOfAShellMayBeAllowedAndEachCommandIsJudged(string part, string honest, string hostile)
    {
        var with = Git with { Command = Git.Command! with { Shell = [part] } };
        Assert.StartsWith(Refused, Judged.By(Git, honest), StringComparison.Ordinal);
        Assert.Equal("passes", Judged.By(with, honest));
        Assert.StartsWith(Refused, Judged.By(with, hostile), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ls $(rm a)")]
    [InlineData("ls `rm a`")]
    [InlineData("ls \"$(rm a)\"")]
    [InlineData("ls <(rm a)")]
    [InlineData("ls << EOF")]
    [InlineData("(ls)")]
    [InlineData("A=1 ls")]
    [InlineData("ls ${x:-`rm`}")]
    [InlineData("$x a")]
    [InlineData("git $x")]
    [InlineData("git l*g")]
    public void WhatHoldsCommandsThatAreNotReadIsNeverAllowed(string command)
    {
        var open = Git with { Command = Git.Command! with { Shell = ["pipe", "chain", "redirect", "expand"] } };
        Assert.StartsWith(Refused, Judged.By(open, command), StringComparison.Ordinal);
    }

    [Fact]
    public void ThereAreEnoughOfThem() => Assert.True(Honest.Count + Hostile.Count + Denied.Count >= 150, $"{Honest.Count + Hostile.Count + Denied.Count}");

    [Fact]
    public void ALongCommandIsRefused() => Assert.Equal(Refused, Judged.By(Git, "ls " + new string('a', CommandLine.MaxLength)));

    [Fact]
    public void APersonMayBeAskedAboutAShellButNotAboutWhatCannotBeRead()
    {
        var rule = Git with { Otherwise = Otherwise.Ask };
        Assert.Equal("Ask arguments/command", Judged.By(rule, "ls > a"));
        Assert.Equal(Refused, Judged.By(rule, "ls 'a"));
    }

    /// <summary>Whatever words there are: quoted for a shell they are read as these words, and nothing else.</summary>
    [Fact]
    public void QuotedWordsAreReadAsTheyAre() => Gen.Char["ab '\"\\$`;|&<>*?[]{}()#~=!-日"].Array[0, 8].Select(static chars => new string(chars)).Array[1, 5].Sample(static words =>
    {
        string[] lines = [string.Join(' ', words.Select(static word => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'")), string.Join(' ', words.Select(static word => $"\"{word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("$", "\\$", StringComparison.Ordinal).Replace("`", "\\`", StringComparison.Ordinal)}\""))];
        Assert.All(lines, line =>
        {
            Assert.Null(CommandLine.TryRead(line, out var read));
            Assert.Equal(ShellParts.None, read.Parts);
            Assert.Equal(words, Assert.Single(read.Commands).Select(static word => word.Text));
        });
    }, iter: 20_000);

    /// <summary>A real shell makes of a command that passes exactly the words that the rule saw.</summary>
    [Fact]
    public void AShellReadsTheSameWords()
    {
        if (!File.Exists("/bin/sh"))
        {
            return;
        }

        string[] commands = [.. Gen.Char["ab '\"\\$;|=-~#"].Array[1, 10].Select(static chars => "echo " + new string(chars)).Array[400].Single()];
        var plain = commands.Where(static command => CommandLine.TryRead(command, out var line) is null && line.Parts == ShellParts.None).ToArray();
        Assert.True(plain.Length > 30, $"{plain.Length}");

        // Each command prints its words, one a line, instead of running.
        var script = string.Concat(plain.Select(static command => $"set -- {command}\nprintf '%s\\n' \"$@\" ---\n"));
        using var shell = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        shell.StandardInput.Write(script);
        shell.StandardInput.Close();
        var said = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        var expected = string.Concat(plain.Select(static command =>
        {
            _ = CommandLine.TryRead(command, out var line);
            return string.Concat(line.Commands[0].Select(static word => $"{word.Text}\n")) + "---\n";
        }));
        Assert.Equal(expected, said);
    }
}
