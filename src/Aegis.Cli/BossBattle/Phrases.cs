using System.Globalization;
using System.Text;

namespace Aegis.Cli.BossBattle;

/// <summary>Whether a reading has a phrase: in words, mistyped or without their vowels too, or in letters that stand apart or together.</summary>
internal sealed class Phrases
{
    private const int FewestMistyped = 5;
    private const int FewestWithoutVowels = 4;
    private const int FewestJoined = 10;

    private readonly string[] _words;
    private readonly string? _joined;

    public Phrases(string reading)
    {
        _words = Words(reading);
        _joined = _words.Length > 0 && (_words.Count(static word => word.Length == 1) * 2 > _words.Length || _words.Any(static word => word.Length >= FewestJoined)) ? string.Concat(_words) : null;
    }

    /// <summary>Whether one of some phrases is in it, not behind a word that undoes it.</summary>
    public bool HasOneOf(IEnumerable<string> phrases, IReadOnlyList<string> undoneBy) => phrases.Any(phrase => Has(Words(Readings.Plain(phrase)), undoneBy));

    /// <summary>The first number in it, in digits or as a word, within bounds; else 1.</summary>
    public int Number(int most, IReadOnlyDictionary<string, int> numbers) =>
        _words.Select(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : numbers.FirstOrDefault(known => IsWritten(word, Readings.Plain(known.Key))).Value).Where(number => number > 0 && number <= most).DefaultIfEmpty(1).First();

    private bool Has(string[] phrase, IReadOnlyList<string> undoneBy)
    {
        for (var at = 0; at + phrase.Length <= _words.Length; at++)
        {
            if (_words.Skip(at).Zip(phrase, IsWritten).All(static same => same) && (at == 0 || !undoneBy.Contains(_words[at - 1], StringComparer.Ordinal)))
            {
                return true;
            }
        }

        return _joined?.Contains(string.Concat(phrase), StringComparison.Ordinal) == true && _words.Length != 0 && !_words.Any(word => undoneBy.Contains(word, StringComparer.Ordinal));
    }

    private static bool IsWritten(string word, string meant) =>
        string.Equals(word, meant, StringComparison.Ordinal)
        || (meant.Length >= FewestMistyped && word.Length == meant.Length && word[0] == meant[0] && word[^1] == meant[^1] && word.Order().SequenceEqual(meant.Order()))
        || (meant.Length >= FewestWithoutVowels && string.Equals(word, WithoutVowels(meant), StringComparison.Ordinal));

    private static string WithoutVowels(string word) => word[0] + string.Concat(word[1..].Where(static c => !"aeiou".Contains(c, StringComparison.Ordinal)));

    private static string[] Words(string text)
    {
        var words = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c is not ('\'' or '’'))
            {
                words.Append(char.IsLetterOrDigit(c) ? char.ToLowerInvariant(c) : ' ');
            }
        }

        return words.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }
}
