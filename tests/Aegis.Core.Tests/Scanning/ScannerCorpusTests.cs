using System.Text.Json;
using Aegis.Policies;
using Aegis.Scanning;
using Aegis.Scanning.Rules;

namespace Aegis.Core.Tests.Scanning;

public class ScannerCorpusTests
{
    [Fact]
    public void ThePublicPromptsAreMeasured()
    {
        var path = Find();
        Assert.SkipWhen(path is null, "../shared/data/prompts.jsonl does not stand beside the repository");
        var line = PolicyCompiler.BlockLine(Sensitivity.Balanced);
        Rule[] rules = [.. RulePack.BuiltIn.SelectMany(static pack => pack.Rules)];
        var scanner = TextScanner.For(rules, new(), readsEncodings: true, line);

        var rows = Extent.Of(File.ReadLines(path!), every: 3).AsParallel().Select(json =>
        {
            using var row = JsonDocument.Parse(json);
            var checkpoint = Text("channel") switch { "tool" => Checkpoint.ToolResult, "tool_description" => Checkpoint.ToolDescription, _ => Checkpoint.Input };
            var verdict = scanner.Scan(Text("text"), checkpoint);
            return (Label: row.RootElement.GetProperty("label").GetInt32(), Kind: Text("kind"), Source: Text("source"), IsBlocked: verdict.Risk >= line, verdict.Rule);

            string Text(string name) => row.RootElement.GetProperty(name).GetString()!;
        }).ToArray();

        foreach (var kind in rows.GroupBy(row => (row.Label, row.Kind)).OrderByDescending(group => group.Key.Label).ThenBy(group => group.Key.Kind))
        {
            TestContext.Current.TestOutputHelper!.WriteLine($"{(kind.Key.Label == 1 ? "attack" : "harmless"),-9}{kind.Key.Kind,-20}{kind.Count(row => row.IsBlocked),6} of {kind.Count(),6} blocked {kind.Average(row => row.IsBlocked ? 1.0 : 0),8:P2}");
        }

        var attacks = rows.Where(row => row.Label == 1).ToArray();
        var harmless = rows.Where(row => row.Label == 0 && row.Source != "in-the-wild-regular").ToArray();
        var recall = attacks.Average(row => row.IsBlocked ? 1.0 : 0);
        var falseAlarms = harmless.Average(row => row.IsBlocked ? 1.0 : 0);
        var culprits = string.Join(", ", harmless.Where(row => row.IsBlocked).CountBy(row => row.Rule!).OrderByDescending(count => count.Value).Select(count => $"{count.Key} {count.Value}"));
        TestContext.Current.TestOutputHelper!.WriteLine($"recall {recall:P2} of {attacks.Length}, false alarms {falseAlarms:P2} of {harmless.Length}: {culprits}");
        Assert.True(falseAlarms <= 0.01, $"false alarms {falseAlarms:P2}");
        Assert.True(recall >= 0.456, $"recall {recall:P2}");   // P15: one point below what docs/accuracy.md was written with
    }

    private static string? Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Aegis.AI.sln")))
            {
                var path = Path.Combine(directory.FullName, "..", "shared", "data", "prompts.jsonl");
                return File.Exists(path) ? path : null;
            }
        }

        return null;
    }
}
