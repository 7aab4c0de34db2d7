using System.Diagnostics;
using System.Globalization;
using Aegis.Testing;
using Aegis.Testing.Tests;

namespace Aegis.Benchmarks;

/// <summary>How many of the fifty planted holes a search of so many tries finds, and how long each takes.</summary>
internal static class RedTeamCurve
{
    private const double LeastShare = 0.9;
    private const double MostSeconds = 60;

    public static async Task<bool> HoldsAsync(int budget)
    {
        var found = 0;
        var longest = 0.0;
        foreach (var hole in PlantedHoles.All)
        {
            var watch = Stopwatch.StartNew();
            var report = await RedTeam.RunAsync(hole.Policy, new() { Budget = budget });
            var seconds = watch.Elapsed.TotalSeconds;
            var bypass = report.Bypasses.FirstOrDefault(bypass => bypass.ClosedBy.Any(remedy => hole.Members.Any(member => remedy.StartsWith(member, StringComparison.Ordinal))));
            found += bypass is null ? 0 : 1;
            longest = Math.Max(longest, seconds);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(bypass is null ? "MISSED" : "found"),-7}{seconds,6:F1} s  {hole.Name}: {bypass?.Case} {string.Join(", ", bypass?.Mutators ?? [])}"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{found} of {PlantedHoles.All.Count} found with {budget} tries each, the longest in {longest:F1} s"));
        return found >= LeastShare * PlantedHoles.All.Count && longest < MostSeconds;
    }
}
