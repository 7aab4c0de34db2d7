using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Detecting;

/// <summary>Stretches in which every character is as likely as any other (C. E. Shannon, 1948) and signs stand among letters without order: noise, as no language and no code has it.</summary>
internal sealed class EntropyDetector : IDetector
{
    private const int Window = 64;
    private const int Step = 16;
    private const double Threshold = 4.9;   // bits per character; 64 different ones would have 6
    private const int MinOpen = 2;

    private static readonly double[] Bits = [0, .. Enumerable.Range(1, Window).Select(static count => -count / (double)Window * Math.Log2(count / (double)Window))];

    public string Rule => "statistics/entropy";

    public Finding? Detect(string original, CanonicalText canonical, Checkpoint checkpoint)
    {
        for (var start = 0; start + Window <= original.Length; start += Step)
        {
            var stretch = original.AsSpan(start, Window);
            if (IsNoise(stretch))
            {
                return new(Rule, Decision.Flag, 0.6) { Category = "adversarial-suffix", Range = new(start, start + Window), Owasp = ["LLM01:2025"], Atlas = ["AML.T0054"] };
            }
        }

        return null;
    }

    private static bool IsNoise(ReadOnlySpan<char> stretch)
    {
        Span<byte> counts = stackalloc byte[0x80];
        int signs = 0, changes = 0;
        var entropy = 0.0;
        for (var i = 0; i < stretch.Length; i++)
        {
            if (stretch[i] is >= (char)0x7F or '\n')
            {
                return false;   // other scripts have more letters than a window
            }

            counts[stretch[i]]++;
            signs += char.IsLetterOrDigit(stretch[i]) || stretch[i] == ' ' ? 0 : 1;
            changes += i > 0 && Kind(stretch[i]) != Kind(stretch[i - 1]) ? 1 : 0;
        }

        if (signs * 4 < stretch.Length || changes * 2 < stretch.Length || Brackets.Open(stretch) < MinOpen)
        {
            return false;
        }

        foreach (var count in counts)
        {
            entropy += Bits[count];
        }

        return entropy >= Threshold;
    }

    private static int Kind(char c) => char.IsAsciiLetterLower(c) ? 0 : char.IsAsciiLetterUpper(c) ? 1 : char.IsAsciiDigit(c) ? 2 : c == ' ' ? 3 : 4;
}
