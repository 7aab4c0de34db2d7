using System.Globalization;

namespace Aegis.Cli.RedTeaming;

/// <summary>How much may get through before a run fails.</summary>
/// <param name="Attacks">Share of attacks, as written or changed, 0 to 1.</param>
/// <param name="FalsePositives">Share of harmless cases that may not pass, 0 to 1.</param>
internal readonly record struct RedTeamGate(double Attacks, double FalsePositives)
{
    /// <summary>Nothing may get through, and one harmless case of twenty may be stopped.</summary>
    public static RedTeamGate Default => new(0, 0.05);

    /// <summary>Reads <c>attacks=5%</c> and <c>false-positives=2%</c>, each once.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static RedTeamGate Parse(IEnumerable<string> words)
    {
        var gate = Default;
        var said = new HashSet<string>(StringComparer.Ordinal);
        foreach (var word in words.SelectMany(static word => word.Split(',')))
        {
            var at = word.IndexOf('=', StringComparison.Ordinal);
            var share = ShareOf(word[(at + 1)..]) ?? throw Wrong(word);
            gate = at < 0 || !said.Add(word[..at]) ? throw Wrong(word) : word[..at] switch
            {
                "attacks" => gate with { Attacks = share },
                "false-positives" => gate with { FalsePositives = share },
                _ => throw Wrong(word),
            };
        }

        return gate;
    }

    private static double? ShareOf(string text)
    {
        var isPercent = text.EndsWith('%');
        return double.TryParse(isPercent ? text[..^1] : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number / (isPercent ? 100 : 1) is var share and <= 1 ? share : null;
    }

    private static FormatException Wrong(string word) => new($"--gate {word}: write attacks=5% or false-positives=2%, each once, a share from 0 to 1 or of 100 %.");
}
