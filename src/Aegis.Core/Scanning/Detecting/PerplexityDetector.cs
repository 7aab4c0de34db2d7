using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Detecting;

/// <summary>
/// Suffixes that an optimiser has found (A. Zou et al., "Universal and Transferable Adversarial Attacks on Aligned Language Models", 2023): a
/// stretch that no text and no code reads like, in a line whose brackets and quotes do not close. Addresses, hashes and keys are passed over.
/// </summary>
/// <param name="threshold">Bits per character from which a stretch is surprising.</param>
internal sealed class PerplexityDetector(double threshold) : IDetector
{
    private const int Window = 48;
    private const int Step = 8;
    private const int MinLine = 30;
    private const int MinOpen = 2;
    private const int MinOdd = 4;

    public string Rule => "statistics/perplexity";

    public Finding? Detect(string original, CanonicalText canonical, Checkpoint checkpoint)
    {
        List<int>? line = null;   // positions of the characters that count
        for (var start = 0; start < original.Length;)
        {
            var end = original.AsSpan(start).IndexOfAny('\n', '\r') is >= 0 and var length ? start + length : original.Length;
            if (end - start >= MinLine && Find(original, start, end, ref line) is { } range)
            {
                return new(Rule, Decision.Flag, 0.7) { Category = "adversarial-suffix", Range = range, Owasp = ["LLM01:2025"], Atlas = ["AML.T0054"] };
            }

            start = end + 1;
        }

        return null;
    }

    private TextRange? Find(string text, int start, int end, ref List<int>? kept)
    {
        if (Brackets.Open(text.AsSpan(start, end - start)) < MinOpen)
        {
            return null;
        }

        var line = kept ??= [];
        Read(text, start, end, line);
        if (line.Count < MinLine)
        {
            return null;
        }

        var model = CharacterModel.Default;
        var size = Math.Min(Window, line.Count - 2);
        var sum = 0.0;
        for (var i = 2; i < line.Count; i++)
        {
            sum += At(i);
            if (i - 2 >= size)
            {
                sum -= At(i - size);
            }

            if (i - 1 >= size && (i - 1 - size) % Step == 0 && sum >= threshold * size && IsOdd(text, line, i - size - 1, i))
            {
                return new(line[i - size - 1], line[i] + 1);
            }
        }

        return null;

        double At(int i) => model.Surprise(model.SymbolOf(text[line[i - 2]]), model.SymbolOf(text[line[i - 1]]), model.SymbolOf(text[line[i]]));
    }

    /// <summary>The characters of a line, each run of blanks one, without tokens that only look random.</summary>
    private static void Read(string text, int start, int end, List<int> line)
    {
        line.Clear();
        for (var i = start; i < end;)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                if (line.Count > 0 && !char.IsWhiteSpace(text[line[^1]]))
                {
                    line.Add(i);
                }

                i++;
                continue;
            }

            var stop = i;
            while (stop < end && !char.IsWhiteSpace(text[stop]))
            {
                stop++;
            }

            if (!PlainToken.IsOne(text.AsSpan(i, stop - i)))
            {
                for (var at = i; at < stop; at++)
                {
                    line.Add(at);
                }
            }

            i = stop;
        }
    }

    /// <summary>Words between signs, signs next to signs, words grown together, and brackets that do not close.</summary>
    private static bool IsOdd(string text, List<int> line, int first, int last)
    {
        int letters = 0, blanks = 0, joins = 0;
        Span<char> stretch = stackalloc char[last - first + 1];
        for (var i = first; i <= last; i++)
        {
            stretch[i - first] = text[line[i]];
        }

        var signs = 0;
        for (var i = 0; i < stretch.Length; i++)
        {
            var c = stretch[i];
            letters += char.IsLetter(c) ? 1 : 0;
            blanks += char.IsWhiteSpace(c) ? 1 : 0;
            var isSign = !char.IsLetterOrDigit(c) && !char.IsWhiteSpace(c) && c != '_';
            joins += isSign && ++signs == 2 ? 1 : 0;
            signs = isSign ? signs : 0;
            joins += i > 2 && i + 2 < stretch.Length && char.IsAsciiLetterUpper(c) && char.IsAsciiLetterLower(stretch[i - 1]) && char.IsAsciiLetterLower(stretch[i - 2]) && char.IsAsciiLetterLower(stretch[i + 1]) && char.IsAsciiLetterLower(stretch[i + 2]) ? 1 : 0;
        }

        var open = Brackets.Open(stretch);
        return open >= MinOpen && open + joins >= MinOdd && letters * 5 >= stretch.Length * 2 && letters * 100 <= stretch.Length * 88 && blanks * 20 >= stretch.Length;
    }
}
