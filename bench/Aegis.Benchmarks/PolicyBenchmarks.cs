using System.Text;
using Aegis.Policies;
using Aegis.Scanning.Rules;
using Aegis.Tools;
using BenchmarkDotNet.Attributes;

namespace Aegis.Benchmarks;

/// <summary>Policies of many rules: reading one, and deciding on a tool under one.</summary>
[MemoryDiagnoser]
public class PolicyBenchmarks
{
    private readonly string _document = Document(200);
    private readonly Dictionary<string, ToolRules> _rules = [];
    private int _next;

    /// <summary>Policies of 1, 100 and 1,000 exact names, and of 1,000 globs.</summary>
    public PolicyBenchmarks()
    {
        foreach (var count in new[] { 1, 100, 1_000 })
        {
            _rules[$"{count} names"] = Of(Enumerable.Range(0, count).Select(static i => $"tool_{i}"));
        }

        _rules["1000 globs"] = Of(Enumerable.Range(0, 1_000).Select(static i => i % 3 == 0 ? $"tool_{i}_*" : i % 3 == 1 ? $"*_{i}" : $"t*_{i}_?"));
    }

    /// <summary>A document of 200 rules, read, checked and compiled.</summary>
    [Benchmark]
    public object Compile() => PolicyCompiler.Compile(AegisPolicy.Parse(_document, PolicyFormat.Json), RulePack.BuiltIn, []);

    /// <summary>A decision on a name that has come up before.</summary>
    [Benchmark]
    [Arguments("1 names"), Arguments("100 names"), Arguments("1000 names"), Arguments("1000 globs")]
    public Decision Known(string rules) => _rules[rules].For("tool_0").Capability;

    /// <summary>A decision on a name that has never come up.</summary>
    [Benchmark]
    [Arguments("1 names"), Arguments("100 names"), Arguments("1000 names"), Arguments("1000 globs")]
    public Decision New(string rules) => _rules[rules].For(FormattableString.Invariant($"tool_{_next++}_new")).Capability;

    private static ToolRules Of(IEnumerable<string> globs)
    {
        string[] names = [.. globs];
        return new(new() { Capabilities = new() { Allow = [.. names.Index().Where(static name => name.Index % 2 == 0).Select(static name => name.Item)], Deny = [.. names.Index().Where(static name => name.Index % 2 == 1).Select(static name => name.Item)] } }, [], null);
    }

    private static string Document(int rules)
    {
        var text = new StringBuilder("{ \"extends\": \"balanced\", \"capabilities\": { \"allow\": [\"*\"");
        for (var i = 0; i < rules / 4; i++)
        {
            text.Append(FormattableString.Invariant($", \"read_{i}_*\""));
        }

        text.Append("] }, \"limits\": { \"*\": { \"max\": 9, \"window\": \"1h\" }");
        for (var i = 0; i < rules / 4; i++)
        {
            text.Append(FormattableString.Invariant($", \"read_{i}\": {{ \"max\": {i}, \"window\": \"1h\" }}"));
        }

        text.Append("}, \"input\": { \"blockPatterns\": [\"secret-[0-9]{6}\"");
        for (var i = 0; i < rules / 2; i++)
        {
            text.Append(FormattableString.Invariant($", \"word{i}\\\\s+number\\\\s+[0-9]{{1,6}}\""));
        }

        return text.Append("] } }").ToString();
    }
}
