using Aegis.Testing;

namespace Aegis.Docs.Tests;

/// <summary>The code of docs/red-team.md.</summary>
public class RedTeamSnippets
{
    [Fact]
    public async Task APolicyIsAttackedInATest()
    {
        const string pack = """
            { "pack": "own", "rules": [ { "id": "own/nightfall", "category": "data-exfiltration", "risk": 0.9, "checkpoints": ["input"], "keywords": ["nightfall"], "pattern": "\\bproject\\s+nightfall\\b", "match": ["project nightfall"], "pass": ["at nightfall"] } ] }
            """;

        // <red-team>
        var report = await RedTeam.RunAsync(AegisPolicy.Preset("strict"), new()
        {
            Suites = ["indirect-injection", "tool-abuse", "benign-agent"],
            Budget = 200,
            Configure = aegis => aegis.AddRulePack(pack),   // and UseJudge, AddGuard, …: what your app gives its guard
        });
        report.ThrowIfOver(attacks: 0.05, falsePositives: 0.05);   // names the cases, and what would have stopped them
        // </red-team>
        Assert.Equal(3, report.Suites.Count);
        Assert.True(report.Searched.Of > 20);
    }
}
