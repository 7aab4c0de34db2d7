namespace Aegis.Scanning.Classifying;

/// <summary>How features are numbered: concepts, two concepts in either order, two concepts in their order, words by their hash, two words by theirs.</summary>
internal static class FeatureReader
{
    /// <summary>What tells features as they are read here from those of other versions.</summary>
    public const uint Version = 3;

    /// <summary>Units within which signs are added up; a power of two.</summary>
    public const int Window = 32 * TextUnits.Word;

    /// <summary>Features that are remembered, so that they count once in a window; a power of two.</summary>
    public const int Slots = 1 << 10;

    /// <summary>Numbers that reading needs.</summary>
    public const int MemorySize = Slots + 16;

    /// <summary>Bits of the hash of a word, and of two in a row.</summary>
    public const int WordBits = 17;

    /// <summary>The hash of no text (G. Fowler, L. C. Noll and K.-P. Vo, FNV-1a, over UTF-16).</summary>
    public const uint Basis = 2166136261;

    private const uint Prime = 16777619;

    /// <summary>The hash of a text and one more character.</summary>
    public static uint Hash(uint hash, char c) => (hash ^ c) * Prime;

    public static uint Hash(uint hash, string text)
    {
        foreach (var c in text)
        {
            hash = Hash(hash, c);
        }

        return hash;
    }

    public static int Count(int concepts) => FirstPair(concepts) + (1 << WordBits);

    /// <summary>The number of two concepts in either order.</summary>
    public static int Either(int concepts, int one, int other) => concepts + (Math.Min(one, other) * concepts) + Math.Max(one, other);

    /// <summary>The number of two concepts in their order.</summary>
    public static int Ordered(int concepts, int first, int second) => concepts + (concepts * concepts) + (first * concepts) + second;

    /// <summary>The number of a word.</summary>
    public static int Word(int concepts, uint hash) => FirstWord(concepts) + Folded(hash);

    /// <summary>The number of two words in a row.</summary>
    public static int Pair(int concepts, uint first, uint second) => FirstPair(concepts) + Folded((first * 31) ^ second);

    /// <summary>The first number of two words in a row; all behind it are such.</summary>
    public static int FirstPair(int concepts) => FirstWord(concepts) + (1 << WordBits);

    private static int FirstWord(int concepts) => concepts * (1 + (2 * concepts));

    /// <summary>A hash, mixed (A. Appleby, MurmurHash3's last steps).</summary>
    private static int Folded(uint hash)
    {
        hash ^= hash >> 15;
        hash *= 2246822519;
        hash ^= hash >> 13;
        return (int)(hash >> (32 - WordBits));
    }
}
