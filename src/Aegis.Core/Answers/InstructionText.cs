using System.Collections.Frozen;

namespace Aegis.Answers;

/// <summary>Instructions of a model, as rows of four words. Immutable.</summary>
internal sealed class InstructionText
{
    private const int Least = 12;      // words that are worth protecting
    private const int MostShown = 24;  // words of long instructions that an answer may say in one go
    private const double ShortShare = 0.7;

    private const int Bits = 1 << 13;

    private readonly FrozenSet<ulong> _rows;
    private readonly ulong[] _some = new ulong[Bits / 64];   // a bit for each row: most others are told by it

    public InstructionText(string text)
    {
        Text = text;
        var rows = new HashSet<ulong>();
        var words = new InstructionWords(text, 0);
        while (words.Next())
        {
            Weight += words.Weight;
            if (words.Count == InstructionWords.Row)
            {
                rows.Add(words.Key);
            }
        }

        _rows = rows.ToFrozenSet();
        foreach (var row in rows)
        {
            _some[Place(row)] |= 1UL << (int)row;
        }

        Limit = Math.Min(MostShown, Math.Max(Least, ShortShare * Weight));
    }

    /// <summary>The instructions themselves.</summary>
    public string Text { get; }

    /// <summary>How many words it has.</summary>
    public double Weight { get; }

    /// <summary>How many of its words in one go are a leak.</summary>
    public double Limit { get; }

    /// <summary>Whether it is long enough to be told from other texts.</summary>
    public bool IsLong => Weight >= Least;

    public bool Has(ulong row) => ((_some[Place(row)] >> (int)row) & 1) != 0 && _rows.Contains(row);

    private static int Place(ulong row) => (int)(row >> 6) & ((Bits / 64) - 1);
}
