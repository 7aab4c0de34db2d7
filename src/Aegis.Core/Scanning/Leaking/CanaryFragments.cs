using System.Collections.Frozen;
using Aegis.Answers;
using Aegis.Scanning.Sensitive;

namespace Aegis.Scanning.Leaking;

/// <summary>
/// Finds pieces of canary tokens: six of their letters and digits in a row, or four with a digit among them, forwards or backwards, with up to eight
/// other characters between two. An answer that says half of a token in pieces has said it. Immutable.
/// </summary>
internal sealed class CanaryFragments
{
    /// <summary>Characters before a position that say what piece ends there.</summary>
    public const int Reach = 64;

    private const int Length = 6;
    private const int Short = 4;
    private const int Apart = 8;   // characters between two of a piece, at most
    private const int Bits = 10;   // of a character
    private const double Most = 0.5;   // of a token's letters and digits

    private readonly FrozenDictionary<ulong, (int Token, UInt128 Places)[]> _pieces;
    private readonly string[] _letters;

    public CanaryFragments(IReadOnlyList<string> tokens)
    {
        _letters = [.. tokens.Select(CanaryRules.LettersOf)];
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

    /// <summary>What answers have said of each token.</summary>
    public UInt128[] SaidIn(AnswerMemory? memory) => [.. _letters.Select(token => memory?.SaidOf(token) ?? UInt128.Zero)];

    /// <summary>Remembers it.</summary>
    public void Remember(AnswerMemory memory, UInt128[] said)
    {
        for (var token = 0; token < said.Length; token++)
        {
            memory.Say(_letters[token], said[token]);
        }
    }

    /// <summary>Whether a piece ends at a position or later.</summary>
    public bool HasOne(ReadOnlySpan<char> text, int from)
    {
        var reading = new Reading(text, Math.Max(0, from - Reach));
        while (reading.Next())
        {
            if (reading.At >= from && (_pieces.ContainsKey(reading.Long) || _pieces.ContainsKey(reading.Small)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads a part of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="from">The first position at which a piece may end.</param>
    /// <param name="before">The position behind the last.</param>
    /// <param name="said">The places of each token that were said; gets those that are said here.</param>
    /// <param name="hits">Where the text says a token whole; what is taken out is not said.</param>
    /// <param name="end">Where the piece ends with which the most of a token is said.</param>
    /// <param name="isClean">Whether there is no piece at all.</param>
    /// <returns>The token's number, or -1.</returns>
    public int Read(ReadOnlySpan<char> text, int from, int before, UInt128[] said, List<SensitiveHit> hits, out int end, out bool isClean)
    {
        (end, isClean) = (0, true);
        var reading = new Reading(text[..before], Math.Max(0, from - Reach));
        while (reading.Next())
        {
            var position = reading.At;
            if (position < from || (!_pieces.ContainsKey(reading.Long) && !_pieces.ContainsKey(reading.Small)) || hits.Exists(hit => hit.Range.Start <= position && position < hit.Range.End))
            {
                continue;
            }

            isClean = false;
            foreach (var (token, places) in _pieces.GetValueOrDefault(reading.Long, []).Concat(_pieces.GetValueOrDefault(reading.Small, [])))
            {
                said[token] |= places;
                if ((double)UInt128.PopCount(said[token]) >= Most * _letters[token].Length)
                {
                    end = position + 1;
                    return token;
                }
            }
        }

        return -1;
    }

    /// <summary>One more character.</summary>
    private static ulong Next(ulong key, char c) => ((key << Bits) | (c & 0x3FFUL)) & ((1UL << (Bits * Length)) - 1);

    /// <summary>Goes from letter to letter and knows the last ones.</summary>
    private ref struct Reading(ReadOnlySpan<char> text, int at)
    {
        private readonly ReadOnlySpan<char> _text = text;
        private ulong _key;
        private int _letters;
        private int _others;
        private int _next = at;

        /// <summary>Where the last one stands.</summary>
        public int At { get; private set; }

        /// <summary>The last six, or nothing that is a piece.</summary>
        public readonly ulong Long => _letters >= Length ? _key : 0;

        /// <summary>The last four.</summary>
        public readonly ulong Small => _letters >= Short ? _key & ((1UL << (Bits * Short)) - 1) : 0;

        public bool Next()
        {
            for (; _next < _text.Length; _next++)
            {
                if (char.IsLetterOrDigit(_text[_next]))
                {
                    (_key, _letters) = _others > Apart ? (0, 0) : (_key, _letters);
                    _key = CanaryFragments.Next(_key, char.ToLowerInvariant(_text[_next]));
                    (_letters, _others, At) = (_letters + 1, 0, _next++);
                    return true;
                }

                _others++;
            }

            return false;
        }
    }
}
