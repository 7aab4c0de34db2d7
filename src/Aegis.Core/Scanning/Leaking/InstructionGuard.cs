using Aegis.Answers;

namespace Aegis.Scanning.Leaking;

/// <summary>
/// Long stretches of the instructions in an answer, word for word or with a few words changed. A stretch begins behind the first four words that stand
/// in the instructions too, and is held back until it ends or is too long.
/// </summary>
internal sealed class InstructionGuard : IGuard<OutputWindow>, IOutputReader
{
    public ValueTask<Verdict> InspectAsync(OutputWindow subject, GuardContext context, CancellationToken cancellationToken)
    {
        foreach (var instructions in subject.Memory is { } memory ? memory.Instructions : default)
        {
            if (Read(instructions, subject.Text, subject.From, Math.Min(subject.Before, subject.Text.Length), isLast: subject.Before > subject.Text.Length) is { } range)
            {
                return new(Verdict.Of(new Finding("leak/instructions", Decision.Block, 1) { Range = range, Category = "instructions", Owasp = ["LLM07:2025"], Atlas = ["AML.T0056"] }));
            }
        }

        return new(Verdict.None);
    }

    public int Settled(ReadOnlySpan<char> text, OutputPlace place, ref int resume, out bool isClean)
    {
        var instructions = place.Memory.Instructions;
        var settled = text.Length;
        isClean = instructions.IsEmpty || !place.Progress.Read(instructions, text, place.From, ref resume, out settled);
        return settled;
    }

    public int ContextOf(ReadOnlySpan<char> text) => Math.Max(0, text.Length - InstructionWords.Reach);

    /// <summary>Finds the first stretch that is too long.</summary>
    private static TextRange? Read(InstructionText instructions, ReadOnlySpan<char> text, int from, int before, bool isLast)
    {
        var words = new InstructionWords(text, WordAt(text, Math.Max(0, from - InstructionWords.Reach)));
        var stretch = new InstructionStretch();
        while (instructions.IsLong && words.Next() && (isLast || words.End < text.Length))   // a word at the end of what is there may go on
        {
            var start = stretch.Start;
            if (stretch.Add(words, instructions, from, before))
            {
                return new(start, words.End);
            }
        }

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
