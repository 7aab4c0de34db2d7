using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Detecting;

/// <summary>Floods: a long text that says next to nothing but the same again, so that what stood before it is pushed out of sight.</summary>
internal sealed class RepetitionDetector : IDetector
{
    private const int MinText = 1_000;
    private const int Shingle = 12;
    private const int Window = 8_192;
    private const int Bitmap = 2 * Window;      // 2^14
    private const uint Prime = 16_777_619;      // of FNV-1a
    private const uint Spread = 2_654_435_769;  // 2^32 by the golden ratio

    public string Rule => "flooding/repetition";

    public Finding? Detect(string original, CanonicalText canonical, Checkpoint checkpoint)
    {
        for (var start = 0; start + MinText <= canonical.Length; start += Window)
        {
            var length = Math.Min(Window, canonical.Length - start);
            if (IsRepetitive(canonical.Text.Slice(start, length)))
            {
                return new(Rule, Decision.Flag, 0.6) { Category = "context-flooding", Range = canonical.RangeOf(start, length), Owasp = ["LLM10:2025"], Atlas = ["AML.T0029"] };
            }
        }

        return null;
    }

    /// <summary>Whether less than a tenth of its shingles are distinct; a rolling hash of each marks a bitmap that is twice as large as there can be shingles.</summary>
    private static bool IsRepetitive(ReadOnlySpan<char> text)
    {
        Span<ulong> seen = stackalloc ulong[Bitmap / 64];
        uint hash = 0, power = 1;
        for (var i = 1; i < Shingle; i++)
        {
            power *= Prime;
        }

        var distinct = 0;
        for (var i = 0; i < text.Length; i++)
        {
            hash = i < Shingle ? (hash * Prime) + text[i] : ((hash - (text[i - Shingle] * power)) * Prime) + text[i];
            if (i < Shingle - 1)
            {
                continue;
            }

            var slot = (hash * Spread) >> 18;
            distinct += (seen[(int)(slot / 64)] & (1UL << (int)(slot % 64))) == 0 ? 1 : 0;
            seen[(int)(slot / 64)] |= 1UL << (int)(slot % 64);
        }

        return distinct * 10 < text.Length;
    }
}
