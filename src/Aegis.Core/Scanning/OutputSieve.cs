using Aegis.Scanning.Rules.Automata;

namespace Aegis.Scanning;

/// <summary>
/// Reads an answer ahead of its readers and tells, at a step a character, which of them can find nothing. Not thread-safe: one answer, one sieve.
/// </summary>
internal sealed class OutputSieve
{
    private const int Most = 32;      // characters that something goes on for before it is looked at more closely
    private const int Last = 12;      // of them may be of what began last; if not, twice as many
    private const int Longest = 128;  // characters that are looked at

    /// <summary>All lanes.</summary>
    public const int All = -1;

    private readonly Sieve _sieve = KnownRules.Sieve;
    private SievePlace _place = KnownRules.Sieve.Begin();
    private int _clear;
    private int _over;      // where all has ended that begins before that
    private int _read;
    private bool _isLost;   // there is no room for the node of what was read: the readers are asked until nothing goes on

    /// <summary>Nothing that begins before it goes on behind what was read.</summary>
    public int Clear => _clear;

    /// <summary>Reads what has come.</summary>
    /// <param name="text">All that is there.</param>
    public void Read(ReadOnlySpan<char> text)
    {
        if (!_isLost && !_sieve.Read(text[_read..], _read, ref _place, ref _clear))
        {
            (_isLost, _place) = (true, default);
        }

        _read = text.Length;
    }

    /// <summary>The lanes of which the readers must be asked, one bit each: something may have ended where nothing goes on any more, or goes on for long.</summary>
    /// <param name="text">What was read.</param>
    /// <param name="settled">The position before which everything was judged.</param>
    public int Asked(ReadOnlySpan<char> text, int settled)
    {
        if (_isLost || GoesOn(text, settled))
        {
            return All;
        }

        var lanes = 0;
        for (var lane = 0; lane < Sieve.Lanes; lane++)
        {
            lanes |= _place.FirstEnded[lane] is > 0 and var ended && ended <= Math.Max(_clear, _over) ? 1 << lane : 0;
        }

        return lanes;
    }

    /// <summary>The readers of lanes have found nothing.</summary>
    /// <param name="lanes">The lanes, one bit each.</param>
    /// <param name="settled">The position before which nothing can change any more.</param>
    public void FoundNothing(int lanes, int settled)
    {
        for (var lane = 0; lane < Sieve.Lanes; lane++)
        {
            var first = _place.FirstEnded[lane];
            _place.FirstEnded[lane] = first == 0 || (lanes & (1 << lane)) == 0 ? first : _place.Ended[lane] <= settled ? 0 : Math.Max(first, settled + 1);
        }
    }

    /// <summary>Whether something goes on for so long that only the readers can tell what it is.</summary>
    private bool GoesOn(ReadOnlySpan<char> text, int settled)
    {
        if (text.Length - Math.Max(settled, _clear) <= Most)
        {
            return false;
        }

        // One thing may have begun in another, so that something always went on: what began first may have ended long ago.
        var isOver = text.Length - _clear <= Longest && (IsOverBefore(text.Length - Last, text) || IsOverBefore(text.Length - (2 * Last), text));
        return !isOver || text.Length - Math.Max(settled, _clear) > Most;
    }

    /// <summary>Whether all has ended that begins before a position; then that is known.</summary>
    private bool IsOverBefore(int position, ReadOnlySpan<char> text)
    {
        var (place, ignored, end) = (_sieve.Begin(text[.._clear]), 0, 0);
        var isOver = _sieve.Read(text[_clear..position], 0, ref place, ref ignored) && Sieve.Close(ref place) && _sieve.Read(text[position..], 0, ref place, ref end) && end == text.Length - position;
        (_clear, _over) = isOver ? (position, text.Length) : (_clear, _over);
        return isOver;
    }

    /// <summary>Nothing that has begun goes on: readers have read all of it.</summary>
    public void BeginBehind(ReadOnlySpan<char> text) => (_place, _clear, _isLost) = (_sieve.Begin(text), text.Length, false);

    /// <summary>Characters at the beginning are forgotten.</summary>
    public void Forget(int count)
    {
        (_clear, _over, _read) = (Math.Max(0, _clear - count), Math.Max(0, _over - count), Math.Max(0, _read - count));
        for (var lane = 0; lane < Sieve.Lanes; lane++)
        {
            _place.FirstEnded[lane] = _place.FirstEnded[lane] == 0 ? 0 : Math.Max(1, _place.FirstEnded[lane] - count);
            _place.Ended[lane] = Math.Max(0, _place.Ended[lane] - count);
        }
    }
}
