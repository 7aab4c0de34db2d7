using System.Collections.Frozen;

namespace Aegis.Answers;

/// <summary>
/// Finds pieces of canary tokens: six of their letters and digits in a row, or four with a digit among them, forwards or backwards, with up to eight
/// other characters between two. An answer that says half of a token in pieces has said it. Immutable.
/// </summary>
internal sealed class CanaryFragments
{
    private const int Length = 6;
    private const int Short = 4;
    private const int Apart = 8;   // characters between two of a piece, at most
    private const int Bits = 10;   // of a character
    private const double Most = 0.5;   // of a token's letters and digits

    private readonly FrozenDictionary<ulong, (int Token, UInt128 Places)[]> _pieces;
    private readonly string[] _letters;

    /// <param name="letters">The letters and digits of each token, in lower case, at most 128.</param>
    public CanaryFragments(IEnumerable<string> letters)
    {
        _letters = [.. letters];
        var pieces = new Dictionary<ulong, List<(int, UInt128)>>();
        foreach (var length in new[] { Short, Length })
        {
            for (var token = 0; token < _letters.Length; token++)
            {
                for (var at = 0; at + length <= _letters[token].Length; at++)
                {
                    var piece = _letters[token].Substring(at, length);
                    if (length == Length || piece.Any(char.IsDigit))
                    {
                        var places = ((UInt128.One << length) - 1) << at;
                        Add(piece, token, places);
                        Add(string.Concat(piece.Reverse()), token, places);
                    }
                }
            }
        }

        _pieces = pieces.ToFrozenDictionary(static piece => piece.Key, static piece => piece.Value.ToArray());

        void Add(string piece, int token, UInt128 places)
        {
            var key = piece.Aggregate(0UL, Next);
            (pieces.TryGetValue(key, out var known) ? known : pieces[key] = []).Add((token, places));
        }
    }

    /// <summary>What it means that half of a token was said.</summary>
    public static Finding Finding { get; } = new("canary/fragments", Decision.Block, 1) { Category = "canary", Owasp = ["LLM02:2025", "LLM07:2025"], Atlas = ["AML.T0056", "AML.T0057"] };

    /// <summary>Whether a text says half of a token.</summary>
    public bool AreIn(string text) => new Reader(this, new()).Read(text) >= 0;

    /// <summary>One more character.</summary>
    private static ulong Next(ulong key, char c) => ((key << Bits) | (c & 0x3FFUL)) & ((1UL << (Bits * Length)) - 1);

    /// <summary>Reads a text that comes piece by piece. Not thread-safe; the memory may be shared.</summary>
    /// <param name="fragments">What is looked for.</param>
    /// <param name="memory">What was said before.</param>
    public sealed class Reader(CanaryFragments fragments, AnswerMemory memory)
    {
        private ulong _key;
        private int _letters;
        private int _others;

        /// <summary>Reads what comes next.</summary>
        /// <returns>Where the character stands with which half of a token is said; -1: it is not.</returns>
        public int Read(ReadOnlySpan<char> text)
        {
            for (var at = 0; at < text.Length; at++)
            {
                if (!char.IsLetterOrDigit(text[at]))
                {
                    _others++;
                    continue;
                }

                (_key, _letters) = _others > Apart ? (0, 0) : (_key, _letters);
                _key = Next(_key, char.ToLowerInvariant(text[at]));
                (_letters, _others) = (_letters + 1, 0);
                if ((_letters >= Length && IsEnough(_key)) || (_letters >= Short && IsEnough(_key & ((1UL << (Bits * Short)) - 1))))
                {
                    return at;
                }
            }

            return -1;
        }

        private bool IsEnough(ulong key)
        {
            var isEnough = false;
            foreach (var (token, places) in fragments._pieces.GetValueOrDefault(key) ?? [])
            {
                var letters = fragments._letters[token];
                isEnough |= (double)UInt128.PopCount(memory.Say(letters, places)) >= Most * letters.Length;
            }

            return isEnough;
        }
    }
}
