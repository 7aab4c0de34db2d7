namespace Aegis.Mcp.Tests;

/// <summary>Where things are.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static string Configuration { get; } = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";

    private static string Find(string folder) => File.Exists(Path.Combine(folder, "Aegis.AI.sln")) ? folder : Find(Path.GetDirectoryName(folder)!);
}
