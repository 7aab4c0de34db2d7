namespace Aegis.Testing.Tests;

/// <summary>A hole in a policy is found, and named by the member that closes it.</summary>
public class PlantedHoleTests
{
    private const int Budget = 400;
    private const double LeastShare = 0.9;

    [Fact]
    public async Task NineOfTenPlantedHolesAreFound()
    {
        Assert.Equal((50, 50), (PlantedHoles.All.Count, PlantedHoles.All.Select(static hole => hole.Name).Distinct(StringComparer.Ordinal).Count()));
        var missed = new List<string>();
        var holes = Extent.Of(PlantedHoles.All, every: 17).ToList();
        foreach (var hole in holes)
        {
            var report = await RedTeam.RunAsync(hole.Policy, new() { Budget = Budget }, TestContext.Current.CancellationToken);
            if (!report.Bypasses.Any(bypass => bypass.ClosedBy.Any(remedy => hole.Members.Any(member => remedy.StartsWith(member, StringComparison.Ordinal)))))
            {
                missed.Add(hole.Name);
            }
        }

        Assert.True(missed.Count <= (1 - LeastShare) * holes.Count, $"missed: {string.Join(", ", missed)}");
    }
}
