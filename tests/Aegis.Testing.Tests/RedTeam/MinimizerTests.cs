using System.Text.Json.Nodes;
using Aegis.Testing.RedTeaming;

namespace Aegis.Testing.Tests;

/// <summary>What is shown of a bypass is little more than the least that gets through.</summary>
public class MinimizerTests
{
    private const double Most = 1.5;   // times the least

    public static TheoryData<string> Holes => ["no scanner", "any address", "canary not looked for", "encodings not read", "no cost limits", "personal data not looked for"];

    /// <summary>The least is looked for in another way: every set of arguments, every single change, with the dressing and without, all of them played.</summary>
    [Theory]
    [MemberData(nameof(Holes))]
    public async Task EveryBypassIsAtMostHalfAsLongAgainAsTheLeastThatGetsThrough(string name)
    {
        var policy = World.Attacked(PlantedHoles.All.Single(hole => hole.Name == name).Policy);
        var report = await RedTeam.RunAsync(policy, new() { Budget = Extent.Of(150, 40) }, TestContext.Current.CancellationToken);
        Assert.NotEmpty(report.Bypasses);
        using var stage = new Stage(policy, new());
        var targets = new PolicyTargets(policy);
        var cases = SuiteReader.BuiltIn.SelectMany(static suite => suite.Cases).SelectMany(targets.Aim).ToDictionary(static @case => @case.Id, StringComparer.Ordinal);
        var bypasses = Extent.Of(report.Bypasses, every: 8).ToList();
        foreach (var bypass in bypasses)
        {
            var least = bypass.Length;
            foreach (var candidate in Candidates(cases[bypass.Case]).Where(candidate => candidate.Length < bypass.Length / Most))
            {
                if ((await stage.PlayAsync(candidate, TestContext.Current.CancellationToken)).Succeeded)
                {
                    least = Math.Min(least, candidate.Length);
                }
            }

            Assert.True(bypass.Length <= Most * least, $"{bypass.Case}: {bypass.Length} characters, {least} are enough");
        }
    }

    private static IEnumerable<Attempt> Candidates(RedTeamCase @case)
    {
        foreach (var attack in new[] { @case.Attack, @case.Attack?.Bare() }.Distinct())
        {
            foreach (var steps in Subsets(@case.Steps))
            {
                var plain = Attempt.Of(@case with { Attack = attack, Steps = steps });
                yield return plain;
                foreach (var changed in Mutators.All.Select(mutator => mutator.Apply(plain, 0)).OfType<Attempt>())
                {
                    yield return changed;
                }
            }
        }
    }

    /// <summary>The steps with every set of the first one's arguments that is not empty: a call shows what it does.</summary>
    private static IEnumerable<IReadOnlyList<AttackStep>> Subsets(IReadOnlyList<AttackStep> steps)
    {
        if (steps is not [{ Arguments: { Count: > 0 and <= 4 } arguments } first, ..])
        {
            yield return steps;
            yield break;
        }

        var names = arguments.Select(static member => member.Key).ToList();
        for (var set = 1; set < 1 << names.Count; set++)
        {
            yield return [first with { Arguments = new JsonObject(names.Where((_, at) => (set & (1 << at)) != 0).Select(name => KeyValuePair.Create(name, arguments[name]?.DeepClone()))) }, .. steps.Skip(1)];
        }
    }
}
