using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aegis.Core.Tests.Sessions;
using Aegis.Docs.Tests;
using Aegis.Policies;
using Aegis.Policies.Analysis;
using Aegis.Policies.Documents;
using Aegis.Tools;
using Microsoft.Extensions.Configuration;

namespace Aegis.Core.Tests.Policies.Documents;

/// <summary>What <c>docs/policies.md</c> shows is what holds.</summary>
public partial class PoliciesPageTests
{
    private static readonly string Page = Repository.Read("docs/policies.md");

    [Fact]
    public void EveryCodeStandsOnThePageAndNoOther() => Assert.Equal(
        Constants(typeof(PolicyErrorCodes)).Concat(Constants(typeof(PolicyAnalyzer))).Order(StringComparer.Ordinal),
        Code().Matches(Page).Select(static match => match.Value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    [Fact]
    public void ThePolicyOnThePageLoads() => Assert.Equal("support", AegisPolicy.Parse(Block(0), PolicyFormat.Json).Name);

    [Fact]
    public void TheConfigurationOnThePageBinds()
    {
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(Block(1)))).Build();
        var origin = new ConfigurationOrigin(configuration.GetSection("Aegis"));
        Assert.Equal(["default", "support"], origin.Names);
        Assert.Equal(10, PolicyLoader.Load(origin, "support").AgentLoop.MaxSteps);
    }

    /// <summary>Each call of the table, judged under the policy above it.</summary>
    [Fact]
    public async Task TheCallsOnThePageEndAsItSays()
    {
        using var guard = AegisGuard.Create(AegisPolicy.Parse(Block(2), PolicyFormat.Json));
        var calls = Call().Matches(Page);
        Assert.True(calls.Count >= 14, $"{calls.Count}");
        foreach (Match call in calls)
        {
            var arguments = JsonDocument.Parse(call.Groups[2].Value.Replace("\\|", "|", StringComparison.Ordinal)).RootElement.EnumerateObject().Select(static member => KeyValuePair.Create(member.Name, (object?)member.Value));
            var outcome = await guard.InspectAsync(new ToolCall(call.Groups[1].Value, ToolArguments.From(arguments)) { Tools = guard.Tools(call.Groups[1].Value) }, new SessionId("s"), Given.Cancel);
            Assert.Equal(call.Groups[3].Value, outcome.MayProceed ? "runs" : outcome.Verdict.Findings[0] is { Decision: Decision.Ask } question ? $"a person is asked: `{question.Rule}`" : $"`{outcome.Verdict.Rule}`");
        }
    }

    [Fact]
    public void EveryPresetStandsOnThePage() => Assert.All(Presets.Names, static name => Assert.Contains($"`{name}`", Page, StringComparison.Ordinal));

    private static string Block(int index) => Json().Matches(Page)[index].Groups[1].Value;

    private static IEnumerable<string> Constants(Type type) => type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(static field => field.IsLiteral).Select(static field => (string)field.GetRawConstantValue()!);

    [GeneratedRegex(@"AEG\d{3}")]
    private static partial Regex Code();

    [GeneratedRegex(@"^\| `(\w+) (\{.*\})` \| (.*) \|$", RegexOptions.Multiline)]
    private static partial Regex Call();

    [GeneratedRegex(@"```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Json();
}
