using System.Collections.Frozen;
using Aegis.Answers;
using Aegis.Scanning.Sensitive;

namespace Aegis.Scanning.Leaking;

/// <summary>
/// Finds pieces of canary tokens: six of their letters and digits in a row, forwards or backwards, whatever stands between. An answer that says most
/// of a token in pieces has said it. Immutable.
/// </summary>
internal sealed class CanaryFragments
{
    /// <summary>Characters before a position that say what piece ends there.</summary>
    public const int Reach = 64;

    private const int Length = 6;
    private const double Most = 0.5;   // of a token's letters and digits

    private readonly FrozenDictionary<ulong, (int Token, UInt128 Places)[]> _pieces;
    private readonly string[] _letters;

    public CanaryFragments(IReadOnlyList<string> tokens)
    {
        _letters = [.. tokens.Select(CanaryRules.LettersOf)];
        var pieces = new Dictionary<ulong, List<(int, UInt128)>>();
        for (var token = 0; token < _letters.Length; token++)
        {
            for (var at = 0; at + Length <= _letters[token].Length; at++)
            {
                var piece = _letters[token].Substring(at, Length);
                var places = ((UInt128.One << Length) - 1) << at;
                Add(piece, token, places);
                Add(string.Concat(piece.Reverse()), token, places);
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
        var (key, letters) = (0UL, 0);
        for (var at = Math.Max(0, from - Reach); at < text.Length; at++)
        {
            if (char.IsLetterOrDigit(text[at]))
            {
                key = Next(key, char.ToLowerInvariant(text[at]));
                if (++letters >= Length && at >= from && _pieces.ContainsKey(key))
                {
                    return true;
                }
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
        var (key, letters) = (0UL, 0);
        (end, isClean) = (0, true);
        for (var at = Math.Max(0, from - Reach); at < before; at++)
        {
            if (!char.IsLetterOrDigit(text[at]))
            {
                continue;
            }

            key = Next(key, char.ToLowerInvariant(text[at]));
            if (++letters < Length || at < from || !_pieces.TryGetValue(key, out var found))
            {
                continue;
            }

            var position = at;
            if (hits.Exists(hit => hit.Range.Start <= position && position < hit.Range.End))
            {
                continue;
            }

            isClean = false;
            foreach (var (token, places) in found)
            {
                said[token] |= places;
                if ((double)UInt128.PopCount(said[token]) >= Most * _letters[token].Length)
                {
                    end = at + 1;
                    return token;
                }
            }
        }

        return -1;
    }

    /// <summary>The last six characters.</summary>
    private static ulong Next(ulong key, char c) => ((key << 10) | (c & 0x3FFUL)) & ((1UL << (10 * Length)) - 1);
}
