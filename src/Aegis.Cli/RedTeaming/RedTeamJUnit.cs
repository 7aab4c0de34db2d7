using System.Xml.Linq;
using Aegis.Testing;

namespace Aegis.Cli.RedTeaming;

/// <summary>A report as JUnit's XML: a test for each case, a failure for what got through or did not pass, and is new.</summary>
internal static class RedTeamJUnit
{
    public static XDocument Of(RedTeamVerdict verdict)
    {
        var bypasses = verdict.News.ToDictionary(static bypass => bypass.Case, StringComparer.Ordinal);
        var alarms = verdict.NewAlarms.ToDictionary(static alarm => alarm.Case, StringComparer.Ordinal);
        var suites = verdict.Report.Suites.Select(suite => new XElement(
            "testsuite",
            new XAttribute("name", suite.Name),
            new XAttribute("tests", suite.Cases.Count),
            new XAttribute("failures", suite.Cases.Count(name => bypasses.ContainsKey(name) || alarms.ContainsKey(name))),
            new XAttribute("errors", 0),
            new XAttribute("skipped", 0),
            suite.Cases.Select(name => new XElement("testcase", new XAttribute("classname", suite.Name), new XAttribute("name", XmlText.Of(name)), Failure(bypasses.GetValueOrDefault(name), alarms.GetValueOrDefault(name)))))).ToList();
        return new(new XElement(
            "testsuites",
            new XAttribute("name", XmlText.Of($"aegis red-team {verdict.Report.Policy}")),
            new XAttribute("tests", verdict.Report.Suites.Sum(static suite => suite.Cases.Count)),
            new XAttribute("failures", suites.Sum(static suite => (int)suite.Attribute("failures")!)),
            suites));
    }

    private static XElement? Failure(RedTeamBypass? bypass, RedTeamFalseAlarm? alarm) =>
        bypass is not null ? new("failure", new XAttribute("type", bypass.Harm.ToString().ToLowerInvariant()), new XAttribute("message", XmlText.Of(bypass.Evidence)), XmlText.Of(Explained(bypass)))
        : alarm is not null ? new("failure", new XAttribute("type", "false-positive"), new XAttribute("message", alarm.Evidence), XmlText.Of($"Rules: {string.Join(", ", alarm.Rules)}"))
        : null;

    private static string Explained(RedTeamBypass bypass) =>
        $"Changes: {(bypass.Mutators.Count == 0 ? "none" : string.Join(", ", bypass.Mutators))}\nClosed by: {(bypass.ClosedBy.Count == 0 ? "no setting" : string.Join(" | ", bypass.ClosedBy))}\nTurns: {string.Join(" / ", bypass.Turns)}\nAttack: {bypass.Text ?? "the model by itself"}\nSteps: {bypass.Steps}";
}
