namespace Aegis.Answers;

/// <summary>A stretch of an answer that says what the instructions say.</summary>
internal struct InstructionStretch()
{
    private const int MaxOther = 3;   // words in a row that are not the instructions'

    private const int None = int.MinValue;

    private double _weight;
    private int _others;

    /// <summary>Where it begins: behind the first four words that stand in the instructions too; less than any position: there is none.</summary>
    public int Start { get; private set; } = None;

    /// <summary>One more word.</summary>
    /// <param name="words">It, and those before it.</param>
    /// <param name="instructions">What must not be said.</param>
    /// <param name="from">Only stretches that begin here or later count.</param>
    /// <param name="before">The position behind the last at which one may begin.</param>
    /// <returns>Whether it is too long now.</returns>
    public bool Add(in InstructionWords words, InstructionText instructions, int from, int before)
    {
        var isTheirs = words.Count == InstructionWords.Row && instructions.Has(words.Key);
        if (Start < from)
        {
            (Start, _weight, _others) = isTheirs && words.End >= from && words.End < before ? (words.End, InstructionWords.Row * words.Weight, 0) : (None, 0, 0);
            return false;
        }

        _others = isTheirs ? 0 : _others + 1;
        _weight += words.Weight;
        if (isTheirs && _weight >= instructions.Limit)
        {
            return true;
        }

        Start = _others > MaxOther + InstructionWords.Row - 1 ? None : Start;   // a changed word is in four rows
        return false;
    }

    /// <summary>The same in a text that begins elsewhere.</summary>
    public readonly InstructionStretch Moved(int by) => Start == None ? this : this with { Start = Start + by };
}
