using System.Buffers;

namespace Aegis.Scanning.Decoding;

/// <summary>The longest parts of a text that are made of the characters of an alphabet. Goes through them without allocating.</summary>
/// <param name="text">The text.</param>
/// <param name="alphabet">The alphabet.</param>
/// <param name="min">The fewest characters of a part.</param>
internal struct TokenRuns(string text, SearchValues<char> alphabet, int min)
{
    private int _at;

    /// <summary>The part that was found last.</summary>
    public TextRange Current { get; private set; }

    public readonly TokenRuns GetEnumerator() => this;

    /// <summary>Finds the next part.</summary>
    /// <returns>Whether there is one.</returns>
    public bool MoveNext()
    {
        while (text.AsSpan(_at).IndexOfAny(alphabet) is >= 0 and var index)
        {
            var start = _at + index;
            _at = text.AsSpan(start).IndexOfAnyExcept(alphabet) is >= 0 and var length ? start + length : text.Length;
            if (_at - start >= min)
            {
                Current = new(start, _at);
                return true;
            }
        }

        return false;
    }
}
