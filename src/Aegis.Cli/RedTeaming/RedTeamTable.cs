using System.Globalization;
using Aegis.Testing;
using Spectre.Console;

namespace Aegis.Cli.RedTeaming;

/// <summary>A report for the terminal. Nothing of what an attacker wrote is in it.</summary>
internal static class RedTeamTable
{
    public static void Show(IAnsiConsole console, RedTeamVerdict verdict)
    {
        var report = verdict.Report;
        var table = new Table().Border(TableBorder.None).AddColumns("suite", "as written", "or changed", "95 %");
        foreach (var suite in report.Suites)
        {
            table.AddRow(Markup.Escape(suite.Name), Count(suite.AsWritten), suite.IsBenign ? "" : Count(suite.Searched), suite.Searched.Of == 0 ? "" : $"{Percent(suite.Searched.Low)} - {Percent(suite.Searched.High)}");
        }

        table.AddRow("all attacks", Count(report.AsWritten), Count(report.Searched), $"{Percent(report.Searched.Low)} - {Percent(report.Searched.High)}");
        table.AddRow("false positives", Count(report.FalsePositives), "", $"{Percent(report.FalsePositives.Low)} - {Percent(report.FalsePositives.High)}");
        console.Write(table);
        foreach (var bypass in report.Bypasses)
        {
            var change = bypass.Mutators.Count == 0 ? "" : $" [{string.Join(", ", bypass.Mutators)}]";
            Line(console, $"{(verdict.Known is null ? "" : verdict.News.Contains(bypass) ? "new " : "known ")}{bypass.Case}{change}: {bypass.Evidence}. {(bypass.ClosedBy.Count == 0 ? "No setting stops it." : $"Closed by: {string.Join(" | ", bypass.ClosedBy)}")}");
        }

        foreach (var alarm in report.FalseAlarms)
        {
            Line(console, $"{alarm.Case}: {alarm.Evidence} ({string.Join(", ", alarm.Rules)})");
        }

        if (report.Untried.Count > 0)
        {
            Line(console, $"No case was aimed at: {string.Join(", ", report.Untried)}. Attack them with a suite of your own.");
        }

        if (report.Searched.Of == 0)
        {
            Line(console, "No attack was run.");
        }

        Line(console, $"{(verdict.IsAttackGateHeld ? "held" : "NOT held")}: attacks {Percent(verdict.Attacks.Rate)} (gate {Percent(verdict.Gate.Attacks)}); {(verdict.IsFalsePositiveGateHeld ? "held" : "NOT held")}: false positives {Percent(verdict.FalsePositives.Rate)} (gate {Percent(verdict.Gate.FalsePositives)}). {report.Tries} tries, seed {report.Seed}.");
    }

    private static void Line(IAnsiConsole console, string text) => console.WriteLine(string.Concat(text.Select(static c => char.IsControl(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format ? '\uFFFD' : c)));

    private static string Count(RedTeamShare share) => string.Create(CultureInfo.InvariantCulture, $"{share.Count} of {share.Of}");

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.#} %");
}
