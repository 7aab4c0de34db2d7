using System.Globalization;
using Spectre.Console;

namespace Aegis.Cli.BossBattle;

/// <summary>What the player sees: colours and boxes on a terminal, plain lines elsewhere, and where somebody wants no colours.</summary>
/// <param name="console">Where it is shown.</param>
/// <param name="isPlain">Whether it is plain lines.</param>
/// <param name="isAsking">Whether somebody sits there who sees a prompt.</param>
internal sealed class BattleScreen(IAnsiConsole console, bool isPlain, bool isAsking)
{
    /// <summary>As the terminal and the environment say (https://no-color.org).</summary>
    public static BattleScreen Of(IAnsiConsole console) => new(console, !console.Profile.Capabilities.Ansi || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 }, !Console.IsInputRedirected);

    public void Title(string text)
    {
        if (isPlain)
        {
            Line($"== {text} ==");
            return;
        }

        console.Write(new Rule($"[bold yellow]{Markup.Escape(text)}[/]").LeftJustified());
    }

    public void Line(string text = "") => console.Write(new Text($"{text}\n"));

    public void Good(string text) => Styled(text, "bold green");

    public void Bad(string text) => Styled(text, "red");

    public void Quiet(string text) => Styled(text, "grey");

    /// <summary>What somebody says, without characters that steer a terminal.</summary>
    public void Says(string who, string text)
    {
        var shown = string.Concat(text.Select(static c => char.IsControl(c) && c != '\n' ? ' ' : c)).TrimEnd();
        if (isPlain)
        {
            Line($"{who}: {shown}");
            return;
        }

        console.Write(new Panel(Markup.Escape(shown)) { Header = new(Markup.Escape(who)), Border = BoxBorder.Rounded });
    }

    /// <summary>That it is the player's turn.</summary>
    public void Ask()
    {
        if (isAsking)
        {
            console.Write(new Text("> "));
        }
    }

    public void Scores(IReadOnlyList<BattleScore> scores)
    {
        if (isPlain)
        {
            foreach (var score in scores)
            {
                Line(FormattableString.Invariant($"{score.Tier}: {Said(score.End)}, {Counted(score.Attempts, "attempt")}, {Counted(score.Hints, "hint")}"));
            }

            return;
        }

        var table = new Table().Border(TableBorder.Rounded).AddColumns("Tier", "Result", "Attempts", "Hints");
        foreach (var score in scores)
        {
            table.AddRow(score.Tier, score.End == BattleEnd.Beaten ? $"[green]{Said(score.End)}[/]" : Said(score.End), score.Attempts.ToString(CultureInfo.InvariantCulture), score.Hints.ToString(CultureInfo.InvariantCulture));
        }

        console.Write(table);
    }

    public static string Counted(int count, string what) => FormattableString.Invariant($"{count} {what}{(count == 1 ? "" : "s")}");

    private static string Said(BattleEnd end) => end switch
    {
        BattleEnd.Beaten => "beaten",
        BattleEnd.Skipped => "skipped",
        _ => "not beaten",
    };

    private void Styled(string text, string style)
    {
        if (isPlain)
        {
            Line(text);
            return;
        }

        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[{style}]{text}[/]");
    }
}
