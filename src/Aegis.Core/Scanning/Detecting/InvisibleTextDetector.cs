using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Detecting;

/// <summary>Letters written in Unicode tag characters: no reader sees them, every model does. Flags of regions, a black flag and a name, are harmless.</summary>
internal sealed class InvisibleTextDetector : IDetector
{
    private const int Harmless = 7;
    private const string BlackFlag = "\U0001F3F4";

    private static readonly string[] Flags = [.. new[] { "gbeng", "gbsct", "gbwls" }.Select(static region => BlackFlag + string.Concat(region.Select(static c => char.ConvertFromUtf32(0xE0000 + c))))];

    public string Rule => "invisible/tag-text";

    public Finding? Detect(string original, CanonicalText canonical, Checkpoint checkpoint)
    {
        int first = -1, last = -1, count = 0;
        for (var i = original.IndexOf('\uDB40', StringComparison.Ordinal); i >= 0 && i + 1 < original.Length; i = original.IndexOf('\uDB40', i + 1))
        {
            if (original[i + 1] is < '\uDC20' or > '\uDC7E')
            {
                continue;
            }

            if (FlagAt(original, i - BlackFlag.Length) is { } flag)
            {
                i += flag.Length - BlackFlag.Length - 2;   // at its last letter
                continue;
            }

            first = first < 0 ? i : first;
            last = i + 2;
            count++;
        }

        return count <= Harmless ? null : new(Rule, Decision.Flag, 0.95)
        {
            Category = "encoding-attack",
            Range = new(first, last),
            Owasp = ["LLM01:2025"],
            Atlas = ["AML.T0051.000"],
        };
    }

    private static string? FlagAt(string text, int start) =>
        start < 0 ? null : Array.Find(Flags, flag => string.CompareOrdinal(text, start, flag, 0, flag.Length) == 0);
}
