using System.Text;
using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Detecting;

/// <summary>Words of Latin letters and letters of other scripts that look like them, judged on the text as it was written. One is a slip; several are a disguise.</summary>
internal sealed class MixedWordDetector : IDetector
{
    private const int MinWords = 3;

    public string Rule => "language/mixed-words";

    public Finding? Detect(string original, CanonicalText canonical, Checkpoint checkpoint)
    {
        int mixed = 0, first = -1, last = 0, position = 0, start = 0;
        bool latin = false, disguised = false, foreign = false;
        foreach (var rune in original.EnumerateRunes())
        {
            if (Rune.IsLetter(rune))
            {
                var script = Scripts.Of(rune);
                latin |= script == Script.Latin && rune.IsAscii;
                var looksLatin = script is Script.Greek or Script.Cyrillic or Script.Armenian or Script.Cherokee && Confusables.Of(Rune.ToLowerInvariant(rune)) is [var ascii] && char.IsAsciiLetter(ascii);
                disguised |= looksLatin;
                foreign |= script is not (Script.None or Script.Latin) && !looksLatin;
            }
            else
            {
                EndWord(position);
                start = position + rune.Utf16SequenceLength;
            }

            position += rune.Utf16SequenceLength;
        }

        EndWord(position);
        return mixed < MinWords ? null : new(Rule, Decision.Flag, 0.6) { Category = "encoding-attack", Range = new(first, last), Owasp = ["LLM01:2025"], Atlas = ["AML.T0051.000"] };

        void EndWord(int end)
        {
            if (latin && disguised && !foreign)
            {
                mixed++;
                first = first < 0 ? start : first;
                last = end;
            }

            latin = disguised = foreign = false;
        }
    }
}
