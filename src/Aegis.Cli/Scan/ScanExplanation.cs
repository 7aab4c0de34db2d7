using System.Globalization;
using Spectre.Console;

namespace Aegis.Cli.Scan;

/// <summary>A verdict on a text, for people.</summary>
/// <param name="console">Where it is shown.</param>
/// <param name="blockLine">The risk from which the scanner blocks; null: none reads there.</param>
internal sealed class ScanExplanation(IAnsiConsole console, double? blockLine)
{
    /// <summary>The decision and what was found; with the text and the places in it, if asked for.</summary>
    public void Show(string text, Verdict verdict, bool withText)
    {
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[bold]{verdict.Decision}[/], risk {verdict.Risk:0.###}{(!withText ? "" : blockLine is { } line ? $"; the scanner blocks from {line.ToString("0.00", CultureInfo.InvariantCulture)}" : "; no scanner reads this")}");
        foreach (var (number, finding) in verdict.Findings.Index())
        {
            var place = finding.Range is { } range ? FormattableString.Invariant($", characters {range.Start} to {range.End}") : "";
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"  {number + 1}. {finding.Rule}{(finding.Category is { } category ? $" ({category})" : "")}: {finding.Decision}, risk {finding.Risk:0.###}{place}{(finding.Detail is { } detail ? $"; {detail}" : "")}");
            if (withText && (finding.Owasp.Count > 0 || finding.Atlas.Count > 0))
            {
                console.MarkupLineInterpolated($"     {string.Join(", ", finding.Owasp.Concat(finding.Atlas))}");
            }
        }

        if (withText)
        {
            console.WriteLine();
            ShowText(text, verdict);
            console.WriteLine();
        }
    }

    /// <summary>The text with numbered brackets around what was found.</summary>
    private void ShowText(string text, Verdict verdict)
    {
        var marks = verdict.Findings.Index().Where(static finding => finding.Item.Range is not null)
            .SelectMany(static finding => new[] { (At: finding.Item.Range!.Value.Start, IsEnd: false, Number: finding.Index + 1), (At: finding.Item.Range.Value.End, IsEnd: true, Number: finding.Index + 1) })
            .OrderBy(static mark => mark.At).ThenBy(static mark => !mark.IsEnd);
        var (at, open) = (0, 0);
        foreach (var mark in marks)
        {
            Write(text[at..mark.At], open > 0);
            console.Markup(CultureInfo.InvariantCulture, "[bold red]{0}[/]", Markup.Escape(mark.IsEnd ? "]" : FormattableString.Invariant($"[{mark.Number}:")));
            (at, open) = (mark.At, open + (mark.IsEnd ? -1 : 1));
        }

        Write(text[at..], isFound: false);
    }

    private void Write(string part, bool isFound) => console.Write(new Text(part, isFound ? new Style(Color.Red) : Style.Plain));
}
