using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Detecting;

/// <summary>Letters written in Unicode tag characters: no reader sees them, every model does. Flags of regions use a few of them behind a black flag.</summary>
internal sealed class InvisibleTextDetector : IDetector
{
    private const int MaxInFlags = 7;

    public Finding? Detect(string original, CanonicalText canonical, Checkpoint checkpoint)
    {
        int first = -1, last = -1, count = 0;
        for (var i = original.IndexOf('\uDB40', StringComparison.Ordinal); i >= 0 && i + 1 < original.Length; i = original.IndexOf('\uDB40', i + 2))
        {
            if (original[i + 1] is >= '\uDC20' and <= '\uDC7E')
            {
                first = first < 0 ? i : first;
                last = i + 2;
                count++;
            }

            if (i + 2 > original.Length - 1)
            {
                break;
            }
        }

        return count <= MaxInFlags ? null : new("invisible/tag-text", Decision.Flag, 0.95)
        {
            Category = "encoding-attack",
            Range = new(first, last),
            Owasp = ["LLM01:2025"],
            Atlas = ["AML.T0051.000"],
        };
    }
}
