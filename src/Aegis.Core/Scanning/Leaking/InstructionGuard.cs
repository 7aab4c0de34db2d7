using Aegis.Answers;

namespace Aegis.Scanning.Leaking;

/// <summary>
/// Long stretches of the instructions in an answer, word for word or with a few words changed. A stretch begins behind the first four words that stand
/// in the instructions too, and is held back until it ends or is too long.
/// </summary>
internal sealed class InstructionGuard : IGuard<OutputWindow>, IOutputReader
{
    private const int MaxOther = 3;   // words in a row that are not the instructions'

    public ValueTask<Verdict> InspectAsync(OutputWindow subject, GuardContext context, CancellationToken cancellationToken)
    {
        foreach (var instructions in subject.Memory is { } memory ? memory.Instructions : default)
        {
            if (Read(instructions, subject.Text, subject.From, Math.Min(subject.Before, subject.Text.Length), isLast: subject.Before > subject.Text.Length, out _) is { } range)
            {
                return new(Verdict.Of(new Finding("leak/instructions", Decision.Block, 1) { Range = range, Category = "instructions", Owasp = ["LLM07:2025"], Atlas = ["AML.T0056"] }));
            }
        }

        return new(Verdict.None);
    }

    public int Settled(ReadOnlySpan<char> text, OutputPlace place, ref int resume, out bool isClean)
    {
        (var settled, isClean) = (text.Length, true);
        foreach (var instructions in place.Memory.Instructions)
        {
            isClean &= Read(instructions, text, place.From, text.Length, isLast: false, out var open) is null;
            settled = Math.Min(settled, open);
        }

        return settled;
    }

    public int ContextOf(ReadOnlySpan<char> text) => Math.Max(0, text.Length - InstructionWords.Reach);

    /// <param name="instructions">What must not be said.</param>
    /// <param name="text">The text.</param>
    /// <param name="from">Only stretches that begin here or later count.</param>
    /// <param name="before">The position behind the last at which one may begin.</param>
    /// <param name="isLast">Whether no text follows.</param>
    /// <param name="open">Where a stretch begins that goes on behind the text; the text's length if there is none.</param>
    /// <returns>The first stretch that is too long.</returns>
    private static TextRange? Read(InstructionText instructions, ReadOnlySpan<char> text, int from, int before, bool isLast, out int open)
    {
        open = text.Length;
        if (!instructions.IsLong)
        {
            return null;
        }

        var words = new InstructionWords(text, WordAt(text, Math.Max(0, from - InstructionWords.Reach)));
        var (start, weight, others) = (-1, 0.0, 0);
        while (words.Next() && (isLast || words.End < text.Length))   // a word at the end of what is there may go on
        {
            var isTheirs = words.Count == InstructionWords.Row && instructions.Has(words.Key);
            if (start < 0)
            {
                if (isTheirs && words.End >= from && words.End < before)
                {
                    (start, weight, others) = (words.End, InstructionWords.Row * words.Weight, 0);
                }

                continue;
            }

            others = isTheirs ? 0 : others + 1;
            weight += words.Weight;
            if (isTheirs && weight >= instructions.Limit)
            {
                return new(start, words.End);
            }

            if (others > MaxOther + InstructionWords.Row - 1)
            {
                start = -1;   // a changed word is in four rows
            }
        }

        open = start < 0 ? text.Length : start;
        return null;
    }

    /// <summary>The end of a word that begins before a position: it cannot be read whole.</summary>
    private static int WordAt(ReadOnlySpan<char> text, int at)
    {
        while (at > 0 && at < text.Length && char.IsLetterOrDigit(text[at]) && char.IsLetterOrDigit(text[at - 1]))
        {
            at++;
        }

        return at;
    }
}
