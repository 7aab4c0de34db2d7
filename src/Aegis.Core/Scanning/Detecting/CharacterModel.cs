namespace Aegis.Scanning.Detecting;

/// <summary>How surprising a character is behind two others, in bits; made by <c>eng/train-character-model.py</c> of harmless texts and code in many languages.</summary>
internal sealed class CharacterModel
{
    private const int Count = 40;
    private const byte Letter = 29;
    private const byte Other = 39;
    private const double BitsPerUnit = 1.0 / 16;

    private static readonly string[] Groups = [".!?", ",;:", "'\"`‘’“”", "([{", ")]}", "/\\", "-_–—", "=+*<>|&^%~", "@#$"];
    private static readonly Lazy<CharacterModel> Own = new(static () => new());

    private readonly byte[] _bits;
    private readonly byte[] _ascii = new byte[0x80];

    private CharacterModel()
    {
        using var stream = typeof(CharacterModel).Assembly.GetManifestResourceStream("character-model.bin")!;
        _bits = new byte[Count * Count * Count];
        stream.ReadExactly(_bits);
        for (var c = 0; c < _ascii.Length; c++)
        {
            _ascii[c] = Compute((char)c);
        }
    }

    public static CharacterModel Default => Own.Value;

    public byte SymbolOf(char c) => c < _ascii.Length ? _ascii[c] : Compute(c);

    /// <summary>Bits of the last of three symbols.</summary>
    public double Surprise(byte first, byte second, byte third) => _bits[(((first * Count) + second) * Count) + third] * BitsPerUnit;

    private static byte Compute(char c)
    {
        switch (c)
        {
            case >= 'a' and <= 'z':
                return (byte)(c - 'a');
            case >= 'A' and <= 'Z':
                return (byte)(c - 'A');
            case >= '0' and <= '9':
                return 26;
            case ' ' or '\t' or '\u00A0':
                return 27;
            case '\n' or '\r':
                return 28;
        }

        var group = Array.FindIndex(Groups, of => of.Contains(c, StringComparison.Ordinal));
        return group >= 0 ? (byte)(30 + group) : c >= 0x80 && char.IsLetter(c) ? Letter : Other;
    }
}
