using System.Text;

namespace Aegis.Scanning.Detecting;

/// <summary>Which script a letter is of, as far as scripts are told apart here.</summary>
internal static class Scripts
{
    public static Script Of(Rune rune) => rune.Value switch
    {
        < 0x41 => Script.None,
        < 0x250 => Rune.IsLetter(rune) ? Script.Latin : Script.None,
        >= 0x370 and < 0x400 => Script.Greek,
        >= 0x400 and < 0x530 => Script.Cyrillic,
        >= 0x530 and < 0x590 => Script.Armenian,
        >= 0x590 and < 0x600 => Script.Hebrew,
        >= 0x600 and < 0x780 => Script.Arabic,
        >= 0x900 and < 0xE00 => Script.Indic,
        >= 0xE00 and < 0x1000 => Script.Thai,
        >= 0x10A0 and < 0x1100 => Script.Georgian,
        (>= 0x1100 and < 0x1200) or (>= 0xAC00 and < 0xD7B0) => Script.EastAsian,
        >= 0x13A0 and < 0x1400 => Script.Cherokee,
        >= 0x1E00 and < 0x1F00 => Script.Latin,
        >= 0x1F00 and < 0x2000 => Script.Greek,
        (>= 0x3040 and < 0x3200) or (>= 0x3400 and < 0xA000) or (>= 0xF900 and < 0xFB00) or (>= 0x20000 and < 0x32000) => Script.EastAsian,
        _ => Script.None,
    };
}
