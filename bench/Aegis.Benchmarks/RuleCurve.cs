using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Aegis.Scanning.Normalizing;
using Aegis.Scanning.Rules;

namespace Aegis.Benchmarks;

/// <summary>The rules as they stand in a text, against the same patterns as compiled expressions of .NET, one behind the other, on distinct texts.</summary>
internal static class RuleCurve
{
    private const int Rounds = 7;
    private const double LeastRatio = 20;   // times as fast as the expressions, from 2,048 characters on
    private const int GateFrom = 2_048;

    private static readonly (int Length, int Texts)[] Sizes = [(200, 400), (2_048, 100), (32_768, 8), (1_048_576, 1)];
    private static readonly Rule[] Rules = [.. RulePack.BuiltIn.SelectMany(static pack => pack.Rules).Where(static rule => rule.RunsAt(Checkpoint.ToolResult) && !rule.Pattern.Source.Any(char.IsSurrogate))];   // halves of an emoji are two members of a class to .NET

    /// <summary>Prints them; whether Aegis keeps its distance, and finds what the expressions find.</summary>
    public static bool Holds(double slack)
    {
        var matcher = new RuleMatcher(Rules);
        Regex[] expressions = [.. Rules.Select(static rule => new Regex(Folded(rule.Pattern.Source), RegexOptions.Compiled | RegexOptions.CultureInvariant))];
        var holds = true;
        Console.WriteLine($"{Rules.Length + " rules, ns a character",-28}{"length",10}{"Aegis",10}{"compiled",10}{"times",8}{"found",8}");
        foreach (var (kind, source) in Texts.Sources())
        {
            foreach (var (length, count) in Sizes)
            {
                CanonicalText[] texts = [.. Enumerable.Range(0, count).Select(i => CanonicalText.Of(Texts.Part(source, i * length, length)))];
                var (ours, theirs, found, missed) = (double.MaxValue, double.MaxValue, 0, 0);
                for (var round = 0; round < Rounds; round++)
                {
                    var hits = new List<RuleHit>();
                    var began = Stopwatch.GetTimestamp();
                    foreach (var text in texts)
                    {
                        matcher.Match(text, Checkpoint.ToolResult, hits);
                    }

                    ours = Math.Min(ours, Stopwatch.GetElapsedTime(began).TotalNanoseconds);
                    began = Stopwatch.GetTimestamp();
                    var matches = 0;
                    foreach (var text in texts)
                    {
                        foreach (var expression in expressions)
                        {
                            matches += expression.IsMatch(text.Text) ? 1 : 0;
                        }
                    }

                    theirs = Math.Min(theirs, Stopwatch.GetElapsedTime(began).TotalNanoseconds);
                    (found, missed) = (hits.Count, matches - hits.Count);
                }

                foreach (var text in texts)
                {
                    text.Dispose();
                }

                var characters = (double)length * count;
                holds &= missed == 0 && (length < GateFrom || theirs / ours * slack >= LeastRatio);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind,-28}{length,10}{ours / characters,10:F1}{theirs / characters,10:F1}{theirs / ours,8:F1}{found,8}{(missed == 0 ? "" : $"   {missed} differ"),8}"));
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(holds ? "holds" : "FAILS"),-6}rules at least {LeastRatio} times as fast as compiled expressions from {GateFrom} characters on, and the same found"));
        return holds;
    }

    /// <summary>Writes the patterns and the texts, one a line, for engines of other languages (<c>eng/engines.py</c>).</summary>
    public static void Export(string folder)
    {
        File.WriteAllLines(Path.Combine(folder, "patterns.txt"), Rules.Select(static rule => Folded(rule.Pattern.Source)));
        foreach (var (kind, source) in Texts.Sources())
        {
            foreach (var (length, count) in Sizes)
            {
                File.WriteAllLines(Path.Combine(folder, FormattableString.Invariant($"{kind}.{length}.txt")), Enumerable.Range(0, count).Select(i =>
                {
                    using var text = CanonicalText.Of(Texts.Part(source, i * length, length));
                    return text.Text.ToString().Replace('\n', ' ');
                }));
            }
        }
    }

    /// <summary>A pattern for canonical texts: its letters are those of folded texts, as Aegis reads them.</summary>
    private static string Folded(string pattern) => string.Concat(pattern.Select(static c =>
        char.IsAscii(c) ? c.ToString()
            : CanonicalText.Fold(c.ToString()) is [>= '\u0080' and < '\u0250' and var latin] && Confusables.Letter(latin) is var letter and not '\0' ? letter.ToString()
            : CanonicalText.Fold(c.ToString())));
}
