namespace Aegis.Tests;

/// <summary>How much a test does: with <c>AEGIS_SLOW=1</c> everything, otherwise a part of it, with the same assertions. No test is left out.</summary>
internal static class Extent
{
    public static bool IsWhole { get; } = Environment.GetEnvironmentVariable("AEGIS_SLOW") == "1";

    /// <summary>How many: rounds, texts or whatever else is counted.</summary>
    public static int Of(int whole, int part) => IsWhole ? whole : part;

    /// <summary>All of them, or the first of each so many in a row.</summary>
    public static IEnumerable<T> Of<T>(IEnumerable<T> all, int every) => IsWhole ? all : all.Where((_, index) => index % every == 0);
}
