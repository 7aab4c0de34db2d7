namespace Aegis.Testing.RedTeaming;

/// <summary>All changes that the search tries.</summary>
internal static class Mutators
{
    public static IReadOnlyList<Mutator> All { get; } = [.. Spellings.All, .. Dressings.All, .. Splittings.All, .. Calls.All, .. Answers.All];
}
