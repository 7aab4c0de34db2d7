using Aegis.Docs.Tests;
using Aegis.Scanning.Rules;

namespace Aegis.Core.Tests.Scanning.Rules;

/// <summary>What is loaded is what the packs say. <c>AEGIS_WRITE_GOLDEN=1</c> writes the table anew.</summary>
public class RuleTableTests
{
    private static readonly Lazy<(ChainIndex Exact, ChainIndex Loose)> Indices = new(static () => RuleChains.Indices([.. RulePack.Sources.SelectMany(static pack => pack.Rules)]));

    [Fact]
    public void TheTableIsThatOfThePacks()
    {
        using var table = new MemoryStream();
        RuleTable.Write(new(table), RulePack.Sources);
        var path = Path.Combine(Repository.Root, "src", "Aegis.Core", "Scanning", "Rules", "rules.bin");
        if (Environment.GetEnvironmentVariable("AEGIS_WRITE_GOLDEN") == "1")
        {
            File.WriteAllBytes(path, table.ToArray());
        }

        Assert.True(File.ReadAllBytes(path).AsSpan().SequenceEqual(table.ToArray()), "rules.bin is not what the packs say: run this test with AEGIS_WRITE_GOLDEN=1");
    }

    [Fact]
    public void ARuleIsReadAsItWasWritten()
    {
        var read = RulePack.BuiltIn;
        Assert.Equal(RulePack.Sources.Select(static pack => pack.Name), read.Select(static pack => pack.Name));
        Assert.Equal(RulePack.Sources.SelectMany(static pack => pack.Rules).Select(Told), read.SelectMany(static pack => pack.Rules).Select(Told));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void WhereRulesCanMatchIsReadAsItWasWritten(bool isLoose) =>
        Assert.Equal(Bytes(isLoose ? Indices.Value.Loose : Indices.Value.Exact), Bytes(RuleTable.BuiltIn.Index(isLoose)));

    private static byte[] Bytes(ChainIndex index)
    {
        using var bytes = new MemoryStream();
        ChainIndexFormat.Write(new(bytes), index);
        return bytes.ToArray();
    }

    /// <summary>All that matching and findings need.</summary>
    private static string Told(Rule rule) => string.Join('\n', [rule.Id, rule.Category, $"{rule.Risk} {rule.Checkpoints} {rule.Pattern.Span} {rule.Pattern.Letters} {rule.Pattern.IsLong} {rule.Pattern.HasLoose} {rule.Pattern.Signs}", rule.Pattern.Source, .. rule.Keywords, .. rule.Owasp, .. rule.Atlas]);
}
