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
        Span<(int Signs, int Changes, int Others)> steps = stackalloc (int, int, int)[Window / Step];   // of the last window
        for (var step = 0; (step + 1) * Step <= original.Length; step++)
        {
            steps[step % steps.Length] = Count(original, step * Step);
            var start = ((step + 1) * Step) - Window;
            if (start >= 0 && IsDisorder(steps) && Brackets.Open(original.AsSpan(start, Window)) >= MinOpen && Entropy(original.AsSpan(start, Window)) >= Threshold)
            {
                return new(Rule, Decision.Flag, 0.6) { Category = "adversarial-suffix", Range = new(start, start + Window), Owasp = ["LLM01:2025"], Atlas = ["AML.T0054"] };
            }
        }

        return null;
    }

    private static (int Signs, int Changes, int Others) Count(string text, int start)
    {
        int signs = 0, changes = 0, others = 0;
        var last = start > 0 ? Kind(text[start - 1]) : Kind(text[0]);
        for (var i = start; i < start + Step; i++)
        {
            var kind = Kind(text[i]);
            signs += kind == 4 ? 1 : 0;
            changes += kind != last ? 1 : 0;
            others += text[i] is >= (char)0x7F or '\n' ? 1 : 0;   // other scripts have more letters than a window
            last = kind;
        }

        return (signs, changes, others);
    }

    private static bool IsDisorder(ReadOnlySpan<(int Signs, int Changes, int Others)> steps)
    {
        int signs = 0, changes = 0, others = 0;
        foreach (var step in steps)
        {
            signs += step.Signs;
            changes += step.Changes;
            others += step.Others;
        }

        return others == 0 && signs * 4 >= Window && changes * 2 >= Window;
    }

    private static double Entropy(ReadOnlySpan<char> stretch)
    {
        Span<byte> counts = stackalloc byte[0x80];
        foreach (var c in stretch)
        {
            counts[c]++;
        }

        var entropy = 0.0;
        foreach (var count in counts)
        {
            entropy += Bits[count];
        }

        return entropy;
    }

    private static int Kind(char c) => char.IsAsciiLetterLower(c) ? 0 : char.IsAsciiLetterUpper(c) ? 1 : char.IsAsciiDigit(c) ? 2 : c == ' ' ? 3 : 4;
}
