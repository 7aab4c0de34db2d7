namespace Aegis.Answers;

/// <summary>How far an answer was compared with the instructions: up to the end of a word. Not thread-safe: one answer, one progress.</summary>
internal sealed class InstructionProgress
{
    private InstructionWords.Words _before;
    private InstructionStretch[] _stretches = [];   // of each text, from the end of that word
    private InstructionStretch[] _next = [];

    /// <summary>Reads on. A word at the end of what is there may go on, and is read when more has come.</summary>
    /// <param name="instructions">What must not be said.</param>
    /// <param name="text">The answer so far, without what was forgotten.</param>
    /// <param name="from">Only stretches that begin here or later count.</param>
    /// <param name="read">How far it was read, and is then.</param>
    /// <param name="open">Where a stretch begins that goes on behind the text; the text's length if there is none.</param>
    /// <returns>Whether a stretch is too long; then nothing counts as read.</returns>
    public bool Read(ReadOnlySpan<InstructionText> instructions, ReadOnlySpan<char> text, int from, ref int read, out int open)
    {
        open = text.Length;
        Take(instructions.Length, read);
        var words = new InstructionWords(text, read, _before);
        var (before, end) = (_before, read);
        var isWord = true;
        while (isWord)
        {
            isWord = words.Next();
            if (isWord && words.End == text.Length && !words.Break())
            {
                break;
            }

            (before, end) = (words.Before, words.End);
            for (var i = 0; i < instructions.Length && isWord; i++)
            {
                if (instructions[i].IsLong && _next[i].Add(words, instructions[i], from, text.Length))
                {
                    return true;
                }
            }
        }

        (_before, read) = (before, end);
        for (var i = 0; i < instructions.Length; i++)
        {
            open = _next[i].Start < from ? open : Math.Min(open, _next[i].Start);
            _stretches[i] = _next[i].Moved(-end);
        }

        return false;
    }

    private void Take(int count, int read)
    {
        if (_stretches.Length < count)
        {
            var known = _stretches.Length;
            Array.Resize(ref _stretches, count);
            _stretches.AsSpan(known).Fill(new());
            _next = new InstructionStretch[count];
        }

        for (var i = 0; i < count; i++)
        {
            _next[i] = _stretches[i].Moved(read);
        }
    }
}
