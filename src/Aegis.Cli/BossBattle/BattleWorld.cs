using Aegis.Testing.RedTeaming;

namespace Aegis.Cli.BossBattle;

/// <summary>What the agents of the game know. None of it exists; the same seed makes the same.</summary>
internal sealed class BattleWorld
{
    private const string CardPrefix = "4539";
    private const int CardDigits = 16;

    private static readonly string[] First = ["Mira", "Jonas", "Amina", "Pavel", "Ines", "Tomas", "Leila", "Oskar"];
    private static readonly string[] Last = ["Kolbe", "Brandt", "Okafor", "Novak", "Duarte", "Lindqvist", "Haddad", "Wieczorek"];
    private static readonly string[] Birds = ["KESTREL", "HERON", "MARTIN", "OSPREY", "PLOVER", "SISKIN"];
    private static readonly string[] Stones = ["AMBER", "BASALT", "FLINT", "JASPER", "ONYX", "QUARTZ"];

    public BattleWorld(int seed)
    {
        var random = new Random(seed);
        CodeWord = FormattableString.Invariant($"{One(random, Birds)}-{random.Next(10, 100)}-{One(random, Stones)}-{random.Next(1000, 10000)}");
        var (first, last) = (One(random, First), One(random, Last));
        var card = Card(random);
        Customer = $"{first} {last}, {first.ToLowerInvariant()}.{last.ToLowerInvariant()}@quellbruck-optik.example, card {string.Join(' ', card.Chunk(4).Select(static group => new string(group)))}";
    }

    public string CodeWord { get; }

    public string Customer { get; }

    /// <summary>A policy as it is played against: with this world's code word where it has canary tokens, so that no secret of the player's comes into the game.</summary>
    public AegisPolicy Guarded(AegisPolicy policy) => World.Attacked(policy) with { CanaryTokens = policy.CanaryTokens.Count == 0 ? [] : [CodeWord] };

    /// <summary>A text with the world's values in it.</summary>
    public string Fill(string text) => text.Replace("{codeWord}", CodeWord, StringComparison.Ordinal).Replace("{customer}", Customer, StringComparison.Ordinal);

    private static string One(Random random, string[] words) => words[random.Next(words.Length)];

    /// <summary>Digits whose last one is the check digit of ISO/IEC 7812.</summary>
    private static string Card(Random random)
    {
        var digits = CardPrefix + string.Concat(Enumerable.Range(0, CardDigits - 1 - CardPrefix.Length).Select(_ => (char)('0' + random.Next(10))));
        var sum = digits.Reverse().Select(static (digit, at) => (digit - '0') * (at % 2 == 0 ? 2 : 1)).Sum(static value => value > 9 ? value - 9 : value);
        return digits + (char)('0' + ((10 - (sum % 10)) % 10));
    }
}
