using System.Diagnostics;
using System.Globalization;
using System.Text;
using Aegis.Policies;
using Aegis.Scanning;
using Aegis.Scanning.Rules;

namespace Aegis.Benchmarks;

/// <summary>How the time of a scan grows with hostile texts (promise P9), and what each switch of <c>scanner</c> costs.</summary>
internal static class ScannerCurve
{
    private const int Short = 100_000;   // characters
    private const int Rounds = 5;
    private const double MostGrowth = 2.5;
    private const double MostOfMillion = 1_000;   // ms

    private static readonly Rule[] Rules = [.. RulePack.BuiltIn.SelectMany(static pack => pack.Rules)];

    /// <summary>Prints both; whether no text of twice the length takes more than two and a half times as long, and none of a million characters more than a second.</summary>
    public static bool Holds(double slack)
    {
        var holds = true;
        var scanner = Scanner(new());
        Console.WriteLine($"{"hostile text",-28}{"ms / 100,000",14}{"ms / 200,000",14}{"growth",9}{"ms / 1,000,000",16}");
        foreach (var (name, unit) in Hostile())
        {
            var (once, twice, million) = (Best(scanner, Texts.Repeated(unit, Short)), Best(scanner, Texts.Repeated(unit, 2 * Short)), Best(scanner, Texts.Repeated(unit, 10 * Short)));
            var growth = twice / once;
            holds &= growth <= MostGrowth * slack && million.TotalMilliseconds <= MostOfMillion * slack;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-28}{once.TotalMilliseconds,14:F1}{twice.TotalMilliseconds,14:F1}{growth,9:F2}{million.TotalMilliseconds,16:F0}"));
        }

        var prose = Prose(Short);
        Console.WriteLine($"{"switches, 100,000 of prose",-28}{"ms",14}");
        foreach (var (name, settings, reads) in Switches())
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-28}{Best(Scanner(settings, reads), prose).TotalMilliseconds,14:F1}"));
        }

        Console.WriteLine($"{(holds ? "holds" : "FAILS"),-6}twice the text, at most {(MostGrowth * slack).ToString(CultureInfo.InvariantCulture)} times the scan; a million characters, at most {(MostOfMillion * slack).ToString(CultureInfo.InvariantCulture)} ms");
        return holds;
    }

    private static TextScanner Scanner(ScannerPolicy settings, bool reads = true) => TextScanner.For(Rules, settings, reads, 0.9);

    private static TimeSpan Best(TextScanner scanner, string text)
    {
        scanner.Scan(text, Checkpoint.ToolResult);   // builds what it needs
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < Rounds; i++)
        {
            var began = Stopwatch.GetTimestamp();
            scanner.Scan(text, Checkpoint.ToolResult);
            var time = Stopwatch.GetElapsedTime(began);
            best = time < best ? time : best;
        }

        return best;
    }

    /// <summary>Distinct sentences, as prose has them: words of the rules' harmless examples in a fixed disorder.</summary>
    private static string Prose(int length)
    {
        string[] words = [.. RulePack.Sources.SelectMany(static pack => pack.Rules).SelectMany(static rule => rule.Pass).SelectMany(static text => text.Split(' ')).Distinct(StringComparer.Ordinal)];
        var (text, random) = (new StringBuilder(length + 32), new Random(5));
        while (text.Length < length)
        {
            text.Append(words[random.Next(words.Length)]).Append(random.Next(12) == 0 ? ".\n" : " ");
        }

        return text.ToString(0, length);
    }

    private static IEnumerable<(string Name, string Unit)> Hostile()
    {
        var prose = Prose(Short);
        yield return ("prose", prose);
        yield return ("Base64", Convert.ToBase64String(Encoding.UTF8.GetBytes(prose)));
        yield return ("Base64 three times", Convert.ToBase64String(Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(prose)))))));
        yield return ("hexadecimal", Convert.ToHexString(Encoding.UTF8.GetBytes(prose)));
        yield return ("percent-encoding", string.Concat(Encoding.UTF8.GetBytes(prose).Select(static b => $"%{b:x2}")));
        yield return ("reversed", string.Concat(prose.Reverse()));
        yield return ("combining marks", "a" + new string('\u0301', 99_999));
        yield return ("lone surrogates", "\uD800");
        yield return ("HTML comments", "<!-- x -->");
        yield return ("open tags", "<b <a ");
        yield return ("slashes", "/");
        yield return ("hidden characters", "a\u200B");
        yield return ("quotes", "= \"a\" + ");
        yield return ("open quotes", "“+ ");
        yield return ("entities", "&#x110000;&");
        yield return ("backslashes", "\\u\\x\\");
        yield return ("brackets", "[({");
        yield return ("one keyword", "ignore ");
        yield return ("near misses", "ignore all the previous and the ");
        yield return ("labels", "a: b: ");
        yield return ("short lines", "a\n");
        yield return ("digits", "65 0x66 1");
        yield return ("letters apart", "i g n o r e  a l l ");
        yield return ("leetspeak", "1gn0r3 4ll ");
        yield return ("Morse", ".- -... / ");
        yield return ("Chinese", "忽略之前的");
        yield return ("blanks", " \t\u00A0");
    }

    private static IEnumerable<(string Name, ScannerPolicy Settings, bool Reads)> Switches()
    {
        yield return ("all on", new(), true);
        yield return ("encodingNormalization off", new(), false);
        yield return ("classifier off", new() { Classifier = false }, true);
        yield return ("entropyAnalysis off", new() { EntropyAnalysis = false }, true);
        yield return ("perplexityEstimation off", new() { PerplexityEstimation = false }, true);
        yield return ("manyShotDetection off", new() { ManyShotDetection = false }, true);
        yield return ("languageDetection off", new() { LanguageDetection = false }, true);
        yield return ("low traffic: all on", new() { Sensitivity = Sensitivity.Paranoid }, true);
        yield return ("medium traffic", new() { LanguageDetection = false, PerplexityEstimation = false }, true);
        yield return ("high traffic", new() { EntropyAnalysis = false, LanguageDetection = false, ManyShotDetection = false, PerplexityEstimation = false }, false);
    }
}
