using Aegis.Shared;

namespace Aegis.Testing.Tests;

/// <summary>A hole in a policy is found, named by the member that closes it, and shown small.</summary>
public class PlantedHoleTests
{
    private const int Budget = 800;

    /// <summary>Every eighth in an ordinary run.</summary>
    public static TheoryData<string> Holes => [.. PlantedHoles.All.Where(static (_, at) => at % (PlantedHoles.All.Count / Extent.Of(50, 6)) == 0).Select(static hole => hole.Name)];

    [Fact]
    public void ThereAreFiftyOfThem() => Assert.Equal((50, 50), (PlantedHoles.All.Count, PlantedHoles.All.Select(static hole => hole.Name).Distinct(StringComparer.Ordinal).Count()));
}
