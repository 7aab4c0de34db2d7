using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Aegis.Scanning.Normalizing;

/// <summary>Characters that look like ASCII ones (Unicode UTS 39), and those that cannot be seen at all.</summary>
internal static class Confusables
{
    private const string Pictures = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢøØɵəŋđĐħŧ";
    private const string Pictured = "abcdefghijklmnopqrstuvwyzoooenddht";

    private static readonly FrozenDictionary<int, string> LookAlikes = Load();

    /// <summary>The ASCII text that a character looks like, in lower case, or null.</summary>
    public static string? Of(Rune rune) => LookAlikes.GetValueOrDefault(rune.Value);

    /// <summary>The one ASCII character that a character looks like, or <c>\0</c>.</summary>
    public static char Letter(char c) => Rune.TryCreate(c, out var rune) && Of(rune) is [var ascii] ? ascii : '\0';

    /// <summary>The Cyrillic letter that a Latin one looks like, or the letter itself.</summary>
    public static char Cyrillic(char c) => c switch
    {
        'a' => 'а',
        'c' => 'с',
        'e' => 'е',
        'h' => 'н',
        'i' => 'і',
        'k' => 'к',
        'm' => 'м',
        'o' => 'о',
        'p' => 'р',
        't' => 'т',
        'x' => 'х',
        'y' => 'у',
        _ => c,
    };

    /// <summary>The letter that a character is a picture of, which Unicode's forms do not say, or <c>\0</c>: small capitals, white letters in black circles and squares, letters of flags, letters with a stroke.</summary>
    public static char Shape(Rune rune) => rune.Value switch
    {
        >= 0x1F150 and <= 0x1F169 => (char)('a' + rune.Value - 0x1F150),
        >= 0x1F170 and <= 0x1F189 => (char)('a' + rune.Value - 0x1F170),
        >= 0x1F1E6 and <= 0x1F1FF => (char)('a' + rune.Value - 0x1F1E6),
        <= char.MaxValue when Pictures.IndexOf((char)rune.Value, StringComparison.Ordinal) is >= 0 and var index => Pictured[index],
        _ => '\0',
    };

    /// <summary>A character without a shape of its own: format characters, variation selectors, tags, fillers.</summary>
    public static bool IsInvisible(Rune rune) => rune.Value switch
    {
        0x00AD or 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x3164 or 0xFFA0 => true,
        (>= 0xFE00 and <= 0xFE0F) or (>= 0x180B and <= 0x180F) or (>= 0xE0000 and <= 0xE0FFF) => true,
        _ => Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format,
    };

    /// <summary>A mark that decorates a letter without making it another one in Latin, Greek or Cyrillic script, or that Arabic and Hebrew may leave out: vowels, points and the stroke that stretches a word.</summary>
    public static bool IsDecoration(Rune rune) => rune.Value is (>= 0x0300 and <= 0x036F) or (>= 0x0483 and <= 0x0489) or (>= 0x1AB0 and <= 0x1AFF)
        or (>= 0x0591 and <= 0x05BD) or 0x05BF or 0x05C1 or 0x05C2 or 0x05C4 or 0x05C5 or 0x05C7 or 0x0640 or (>= 0x064B and <= 0x065F) or 0x0670
        or (>= 0x1DC0 and <= 0x1DFF) or (>= 0x20D0 and <= 0x20FF) or (>= 0xFE20 and <= 0xFE2F);

    /// <summary>The text as it looks: compatibility forms folded, look-alikes replaced, decorations and invisible characters gone, lower case.</summary>
    public static string Skeleton(string text)
    {
        var skeleton = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            foreach (var part in (rune.Value == 0xFFFE ? "\uFFFD" : rune.ToString().Normalize(NormalizationForm.FormKD)).EnumerateRunes())
            {
                if (!IsInvisible(part) && !IsDecoration(part))
                {
                    // Lower case first: a capital Cyrillic or Greek I looks like an l, but stands for an i.
                    var lower = Rune.ToLowerInvariant(part);
                    skeleton.Append(Of(lower) ?? Of(part) ?? lower.ToString());
                }
            }
        }

        return skeleton.ToString();
    }

    private static FrozenDictionary<int, string> Load()
    {
        using var stream = typeof(Confusables).Assembly.GetManifestResourceStream("Confusables.txt")!;
        using var reader = new StreamReader(stream);
        var map = new Dictionary<int, string>();
        while (reader.ReadLine() is { } line)
        {
            if (line is not ['#', ..] && line.Split(' ') is [var source, var target])
            {
                map[int.Parse(source, NumberStyles.HexNumber, CultureInfo.InvariantCulture)] = target;
            }
        }

        return map.ToFrozenDictionary();
    }
}
