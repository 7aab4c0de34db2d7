using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Aegis.Testing;

namespace Aegis.Cli.RedTeaming;

/// <summary>A report as one page that needs no network and runs no script: hostile text is text in it.</summary>
internal static class RedTeamHtml
{
    private const string Style =
        """
        :root { color-scheme: light dark; --ink: #1d2733; --paper: #fff; --soft: #eef1f5; --bad: #c0392b; --warn: #d68910; --good: #1e8449; --line: #d5dae1; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --paper: #14181e; --soft: #1f252d; --line: #39424e; --bad: #e57368; --warn: #e8b04a; --good: #58b37f; } }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 68rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
        .cards { display: flex; gap: 1rem; flex-wrap: wrap; } .card { background: var(--soft); border-radius: .5rem; padding: .8rem 1.2rem; min-width: 11rem; }
        .card b { display: block; font-size: 1.6rem; } table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid var(--line); vertical-align: top; }
        svg { display: block; width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
        details { border: 1px solid var(--line); border-radius: .4rem; margin: .4rem 0; padding: .4rem .8rem; } summary { cursor: pointer; }
        pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--soft); padding: .6rem; border-radius: .3rem; } code { background: var(--soft); padding: 0 .25rem; border-radius: .2rem; }
        .bad { color: var(--bad); } .good { color: var(--good); } .tag { font-size: .8rem; opacity: .75; }
        """;

    public static string Of(RedTeamVerdict verdict)
    {
        var report = verdict.Report;
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>Red team: {Text(report.Policy)}</title>
            <style>{Style}</style>
            </head>
            <body>
            <h1>Red team against the policy <code>{Text(report.Policy)}</code></h1>
            <p class="{(verdict.IsHeld ? "good" : "bad")}">{(verdict.IsHeld ? "The gate holds" : "The gate does not hold")}: attacks {Percent(verdict.Gate.Attacks)}, false positives {Percent(verdict.Gate.FalsePositives)}{(verdict.Known is null ? "" : ", of what is new since the baseline")}. Seed {report.Seed}, budget {report.Budget}, {report.Tries} tries.</p>
            <div class="cards">{Card("Attacks that got through, as written", report.AsWritten)}{Card("as written or changed", report.Searched)}{Card("Harmless cases that did not pass", report.FalsePositives)}</div>
            {(report.Untried.Count == 0 ? "" : $"<p class=\"bad\">No case was aimed at: {Text(string.Join(", ", report.Untried))}.</p>")}
            <h2>By suite</h2>
            <p>Light: as written or changed by the search. Dark: as written. The line is the 95 % interval (Wilson).</p>

            """);
        Chart(page, [.. report.Suites.Where(static suite => !suite.IsBenign)], "bad");
        page.Append("<h2>Harmless suites</h2>\n<p>Cases that did not pass. A case whose tools the policy does not grant is not counted.</p>\n");
        Chart(page, [.. report.Suites.Where(static suite => suite.IsBenign)], "warn");
        Bypasses(page, "What a setting would have stopped", "Each of the members alone would; the first is the most special.", [.. report.Open], verdict);
        Bypasses(page, "What no setting stops", "One change of one member does not. What helps is fewer tools, a person who is asked, a judge, or rules of your own.", [.. report.Bypasses.Where(static bypass => bypass.ClosedBy.Count == 0)], verdict);
        if (report.FalseAlarms.Count > 0)
        {
            page.Append("<h2>False alarms</h2>\n<table><tr><th>case</th><th>what happened</th><th>rules</th></tr>\n");
            foreach (var alarm in report.FalseAlarms)
            {
                page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(alarm.Case)}</td><td>{Text(alarm.Evidence)}</td><td>{Text(string.Join(", ", alarm.Rules))}</td></tr>\n");
            }

            page.Append("</table>\n");
        }

        return page.Append("</body>\n</html>\n").ToString();
    }

    private static string Card(string title, RedTeamShare share) => string.Create(CultureInfo.InvariantCulture, $"<div class=\"card\"><b>{Percent(share.Rate)}</b>{Text(title)}<br><span class=\"tag\">{share.Count} of {share.Of}, {Percent(share.Low)} to {Percent(share.High)}</span></div>");

    private static void Chart(StringBuilder page, IReadOnlyList<RedTeamSuiteResult> suites, string colour)
    {
        const int Row = 24;
        const int Left = 200;
        const int Wide = 560;
        page.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 960 {(suites.Count * Row) + 8}\" role=\"img\" aria-label=\"Share by suite\">\n");
        for (var i = 0; i < suites.Count; i++)
        {
            var (suite, y) = (suites[i], i * Row);
            page.Append(CultureInfo.InvariantCulture, $"""
                <text x="{Left - 8}" y="{y + 16}" text-anchor="end">{Text(suite.Name)}</text>
                <rect x="{Left}" y="{y + 4}" width="{Wide}" height="16" fill="var(--soft)"/>
                <rect x="{Left}" y="{y + 4}" width="{suite.Searched.Rate * Wide:F1}" height="16" fill="var(--{colour})" fill-opacity=".45"/>
                <rect x="{Left}" y="{y + 4}" width="{suite.AsWritten.Rate * Wide:F1}" height="16" fill="var(--{colour})"/>
                <line x1="{Left + (suite.Searched.Low * Wide):F1}" x2="{Left + (suite.Searched.High * Wide):F1}" y1="{y + 12}" y2="{y + 12}" stroke="var(--ink)"/>
                <text x="{Left + Wide + 8}" y="{y + 16}">{(suite.Searched.Of == 0 ? "not granted" : suite.IsBenign ? $"{suite.AsWritten.Count} of {suite.AsWritten.Of}" : $"{suite.AsWritten.Count}, {suite.Searched.Count} of {suite.Searched.Of}")}</text>

                """);
        }

        page.Append("</svg>\n");
    }

    private static void Bypasses(StringBuilder page, string title, string note, IReadOnlyList<RedTeamBypass> bypasses, RedTeamVerdict verdict)
    {
        page.Append(CultureInfo.InvariantCulture, $"<h2>{Text(title)} ({bypasses.Count})</h2>\n<p>{Text(note)}</p>\n");
        foreach (var bypass in bypasses)
        {
            page.Append(CultureInfo.InvariantCulture, $"""
                <details><summary><b>{Text(bypass.Case)}</b>{(verdict.Known is not null && verdict.News.Contains(bypass) ? " <span class=\"bad\">new</span>" : "")}: {Text(bypass.Evidence)} <span class="tag">{Text(string.Join(", ", bypass.Mutators))}</span></summary>
                <table>
                <tr><th>closed by</th><td>{(bypass.ClosedBy.Count == 0 ? "no setting" : string.Join("<br>", bypass.ClosedBy.Select(Text)))}</td></tr>
                <tr><th>found, and let go on</th><td>{(bypass.Rules.Count == 0 ? "nothing" : Text(string.Join(", ", bypass.Rules)))}</td></tr>
                <tr><th>the user</th><td><pre>{Text(string.Join('\n', bypass.Turns))}</pre></td></tr>
                <tr><th>the attacker</th><td><pre>{Text(bypass.Text ?? "nobody: the model misbehaves by itself")}</pre></td></tr>
                <tr><th>the model</th><td><pre>{Text(bypass.Steps)}</pre></td></tr>
                </table></details>

                """);
        }
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.#} %");

    private static string Text(string text) => HtmlEncoder.Default.Encode(text);
}
