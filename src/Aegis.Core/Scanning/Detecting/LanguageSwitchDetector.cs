using System.Numerics;
using System.Text;
using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Detecting;

/// <summary>A sentence in the words of many scripts: translations have two, and change rarely.</summary>
internal sealed class LanguageSwitchDetector : IDetector
{
    private const int MinScripts = 3;
    private const int MinSwitches = 6;
    private const int MaxLettersPerSwitch = 12;

    public string Rule => "language/switching";

    public Finding? Detect(string original, CanonicalText canonical, Checkpoint checkpoint)
    {
        int letters = 0, switches = 0, position = 0, first = -1, end = 0;
        var last = Script.None;
        var seen = 0;
        foreach (var rune in original.EnumerateRunes())
        {
            var script = Rune.IsLetter(rune) ? Scripts.Of(rune) : Script.None;
            if (script != Script.None)
            {
                letters++;
                seen |= 1 << (int)script;
                if (last != Script.None && script != last)
                {
                    switches++;
                    first = first < 0 ? position : first;
                    end = position + rune.Utf16SequenceLength;
                }

                last = script;
            }

            position += rune.Utf16SequenceLength;
        }

        return switches < MinSwitches || BitOperations.PopCount((uint)seen) < MinScripts || letters > switches * MaxLettersPerSwitch ? null
            : new(Rule, Decision.Flag, 0.5) { Category = "language-switching", Range = new(first, end), Owasp = ["LLM01:2025"], Atlas = ["AML.T0054"] };
    }
}
