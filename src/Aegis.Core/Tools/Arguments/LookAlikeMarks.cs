using System.Text;

namespace Aegis.Tools.Arguments;

/// <summary>
/// Characters that a normalisation, a code page or an eye takes for a mark of ASCII. Tables, because a runtime without Unicode data normalises nothing
/// and says nothing of it.
/// </summary>
internal static class LookAlikeMarks
{
    /// <summary>Whether the runtime normalises at all (<c>InvariantGlobalization</c>).</summary>
    public static bool CanNormalize { get; } = string.Equals("\u2460".Normalize(NormalizationForm.FormKC), "1", StringComparison.Ordinal);

    /// <summary>Whether it is a text that normalisation takes: without halves of characters and code points that are none.</summary>
    public static bool IsText(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!Rune.TryGetRuneAt(text, i, out var rune) || rune.Value is >= 0xFDD0 and <= 0xFDEF || (rune.Value & 0xFFFE) == 0xFFFE)
            {
                return false;
            }

            i += rune.Utf16SequenceLength - 1;
        }

        return true;
    }

    /// <summary>Marks of a path: <c>/ \ . : %</c>. Compatibility forms, then what code pages and eyes take for them.</summary>
    public static bool IsOfPath(Rune rune) => rune.Value is (>= 0x2024 and <= 0x2026) or 0x2100 or 0x2101 or 0x2105 or 0x2106 or (>= 0x2488 and <= 0x249B) or 0x2A74 or 0x33C2 or 0x33C7 or 0x33D8
        or 0xFE13 or 0xFE19 or 0xFE30 or 0xFE52 or 0xFE55 or 0xFE68 or 0xFE6A or 0xFF05 or 0xFF0E or 0xFF0F or 0xFF1A or 0xFF3C or 0x1F100
        or 0x00A5 or 0x20A9 or 0x2044 or 0x20E5 or 0x2215 or 0x2216 or 0x2236 or 0x2571 or 0x2572 or 0x27CB or 0x27CD or 0x29F5 or 0x29F8 or 0x29F9 or 0xA789;

    /// <summary>Marks of a shell: <c>; | &amp; &lt; &gt; $ ` " ' \</c>, in compatibility forms.</summary>
    public static bool IsOfShell(Rune rune) => rune.Value is 0x037E or 0x1FEF or 0xFE14 or 0xFE54 or 0xFE60 or 0xFE64 or 0xFE65 or 0xFE68 or 0xFE69 or 0xFF02 or 0xFF04 or 0xFF06 or 0xFF07 or 0xFF1B or 0xFF1C or 0xFF1E or 0xFF3C or 0xFF40 or 0xFF5C;
}
